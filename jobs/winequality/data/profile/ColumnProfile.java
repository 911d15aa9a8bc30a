package winequality.data.profile;

import java.util.List;

/**
 * The distribution of one column's values. Figures of a column without values are NaN.
 *
 * @param unit from the column's description; may be empty
 * @param count number of finite values
 * @param nulls number of rows without one
 * @param standardDeviation of the sample, with n − 1; NaN for fewer than two values
 * @param firstQuartile smallest value that at least a quarter of the values do not exceed; the
 *     others likewise
 * @param quartileError bound on the error of a quartile; 0 up to {@link ColumnSketch#BUCKETS}
 *     different values, when the quartiles are values of the column
 * @param histogram one bin for each value if there are few, otherwise bins of about equal counts;
 *     its counts are exact
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
    Histogram histogram) {
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
    long binned = histogram.counts().stream().mapToLong(Long::longValue).sum();
    if (binned != count) {
      throw new IllegalArgumentException(
          "The histogram of \"%s\" counts %d values of %d".formatted(name, binned, count));
    }
  }

  static ColumnProfile of(
      String name, String unit, long count, long nulls, List<Double> figures, Histogram histogram) {
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
        histogram);
  }

  List<Double> figures() {
    return List.of(
        min, max, mean, standardDeviation, firstQuartile, median, thirdQuartile, quartileError);
  }
}
