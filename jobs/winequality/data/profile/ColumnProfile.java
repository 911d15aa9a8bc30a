package winequality.data.profile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The distribution of one column's values. Figures of a column without values, and of a category,
 * are NaN.
 *
 * @param unit from the column's description; may be empty
 * @param count number of finite values, or of texts
 * @param nulls number of rows without one
 * @param standardDeviation of the sample, with n − 1; NaN for fewer than two values
 * @param firstQuartile smallest value that at least a quarter of the values do not exceed; the
 *     others likewise
 * @param quartileError bound on the error of a quartile; 0 up to {@link ColumnSketch#BUCKETS}
 *     different values, when the quartiles are values of the column
 * @param histogram one bin for each value if there are few, otherwise bins of about equal counts;
 *     its counts are exact; for a category level i is the bin from i to i + 1
 * @param levels of a category, ascending by their UTF-16 code units; empty for a number
 */
public record ColumnProfile(
    String name,
    String unit,
    long count,
    long nulls,
    double min,
    double max,
    double mean,
    double standardDeviation,
    double firstQuartile,
    double median,
    double thirdQuartile,
    double quartileError,
    Histogram histogram,
    List<String> levels) {

  /** Stands for all texts that are not among the levels that the description gives. */
  public static final String UNKNOWN = "";

  static final List<String> FIGURES =
      List.of(
          "min",
          "max",
          "mean",
          "standard_deviation",
          "first_quartile",
          "median",
          "third_quartile",
          "quartile_error");

  public ColumnProfile {
    levels = List.copyOf(levels);
    if (!levels.isEmpty() && levels.size() != histogram.counts().size()) {
      throw new IllegalArgumentException(
          "\"%s\" has %d levels and %d bins"
              .formatted(name, levels.size(), histogram.counts().size()));
    }
    long binned = histogram.counts().stream().mapToLong(Long::longValue).sum();
    if (binned != count) {
      throw new IllegalArgumentException(
          "The histogram of \"%s\" counts %d values of %d".formatted(name, binned, count));
    }
  }

  static ColumnProfile of(
      String name,
      String unit,
      long count,
      long nulls,
      List<Double> figures,
      Histogram histogram,
      List<String> levels) {
    return new ColumnProfile(
        name,
        unit,
        count,
        nulls,
        figures.get(0),
        figures.get(1),
        figures.get(2),
        figures.get(3),
        figures.get(4),
        figures.get(5),
        figures.get(6),
        figures.get(7),
        histogram,
        levels);
  }

  /** The levels of a category with the number of their rows; empty for a number. */
  public Map<String, Long> levelCounts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (int i = 0; i < levels.size(); i++) {
      counts.put(levels.get(i), histogram.counts().get(i));
    }
    return counts;
  }

  List<Double> figures() {
    return List.of(
        min, max, mean, standardDeviation, firstQuartile, median, thirdQuartile, quartileError);
  }
}
