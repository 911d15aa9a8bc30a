package winequality.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/**
 * Where the columns of a data set stand in one file, as its header says.
 *
 * @param separator comma or semicolon, whichever shows the most columns of the data set
 * @param positions for each column of the data set its field, counted from 0; {@link #NO_FIELD} for
 *     one that has its value by file
 * @param values for each column of the data set the value of all rows; NaN where it is a field
 * @param width how many fields every line must have
 * @param extra header names that the data set does not have; their values are left out
 */
record CsvLayout(
    char separator, List<Integer> positions, List<Double> values, int width, List<String> extra)
    implements Serializable {

  static final int NO_FIELD = -1;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /**
   * Reads a header line.
   *
   * @param file its path
   * @throws DataRefusedException if a column of the data set is missing or stands twice, or has its
   *     value by file and none for this one
   */
  static CsvLayout of(String header, DatasetDescription dataset, String file) {
    String line =
        !header.isEmpty() && header.charAt(0) == BYTE_ORDER_MARK ? header.substring(1) : header;
    List<String> byComma = names(line, ',');
    List<String> bySemicolon = names(line, ';');
    boolean semicolon = found(bySemicolon, dataset) > found(byComma, dataset);
    return of(semicolon ? bySemicolon : byComma, semicolon ? ';' : ',', dataset, file);
  }

  private static CsvLayout of(
      List<String> names, char separator, DatasetDescription dataset, String file) {
    List<String> missing = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (ColumnDescription column : dataset.columns()) {
      long times = names.stream().filter(name -> sameName(name, column.name())).count();
      if (times > 1) {
        throw new DataRefusedException(
            "The header of %s has the column \"%s\" %d times (upper and lower case count as one); which one is meant cannot be told. Leave one."
                .formatted(file, column.name(), times));
      }
      if (!column.isField()) {
        if (times > 0) {
          throw new DataRefusedException(
              "The header of %s has the column \"%s\", which dataset.columns gives a value by file; which one is meant cannot be told. Take it out of the file or value-by-file out of the settings."
                  .formatted(file, column.name()));
        }
        positions.add(NO_FIELD);
        values.add(column.valueFor(new Path(file).getName()));
        continue;
      }
      int position = names.indexOf(column.name());
      values.add(Double.NaN);
      if (position < 0) {
        missing.add("\"" + column.name() + "\"");
      }
      positions.add(position);
    }
    if (!missing.isEmpty()) {
      throw new DataRefusedException(
          "The header of %s lacks %s. It reads %s (separator '%c'). Each column in dataset.columns that has no value-by-file must stand in the first line under its exact name, in any order, separated by comma or semicolon."
              .formatted(file, String.join(", ", missing), shown(names), separator));
    }
    List<String> known = dataset.columns().stream().map(ColumnDescription::name).toList();
    return new CsvLayout(
        separator,
        List.copyOf(positions),
        List.copyOf(values),
        names.size(),
        names.stream().filter(name -> !known.contains(name)).toList());
  }

  /** The values that do not stand in the file, as text; empty if all do. */
  String besideTheFile() {
    return values.stream().allMatch(value -> value.isNaN()) ? "" : values.toString();
  }

  private static List<String> names(String line, char separator) {
    // a header that this separator cannot take apart may make sense with the other
    return CsvLine.split(line, separator) instanceof CsvLine.Fields fields
        ? fields.values().stream().map(String::strip).toList()
        : List.of(line);
  }

  private static long found(List<String> names, DatasetDescription dataset) {
    return dataset.columns().stream().filter(column -> names.contains(column.name())).count();
  }

  private static boolean sameName(String one, String other) {
    return one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
  }

  private static String shown(List<String> names) {
    int limit = 30;
    return names.stream()
        .limit(limit)
        .map(name -> name.length() > 60 ? name.substring(0, 60) + "…" : name)
        .collect(Collectors.joining(", ", "[", names.size() > limit ? ", …]" : "]"));
  }
}
