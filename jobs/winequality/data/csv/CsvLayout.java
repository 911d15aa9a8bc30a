package winequality.data.csv;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import winequality.SafeText;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;

/**
 * Where a file has the columns of a data set, according to its header.
 *
 * @param separator whichever of {@link #SEPARATORS} gives most columns of the data set
 * @param positions the field of each column of the data set, counted from 0; {@link #NO_FIELD} for
 *     a column with a value by file
 * @param values the value by file of each column of the data set; NaN for a field
 * @param names of all fields, in the table for columns of the data set; every row must have as many
 */
public record CsvLayout(
    char separator, List<Integer> positions, List<Double> values, List<String> names)
    implements Serializable {

  static final int NO_FIELD = -1;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final List<Character> SEPARATORS = List.of(',', ';', '\t', '|');

  /**
   * Reads the header line of the file at a path.
   *
   * @throws DataRefusedException if a column of the data set is missing or ambiguous, or has values
   *     by file and none for this one
   */
  static CsvLayout of(String header, List<ColumnDescription> columns, String file) {
    String line = header.startsWith(BYTE_ORDER_MARK) ? header.substring(1) : header;
    char separator = separator(line, columns);
    List<String> fields = names(line, separator);
    List<String> names = fields.stream().map(field -> name(field, columns)).toList();
    List<String> missing = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (ColumnDescription column : columns) {
      String title = column.isField() ? column.header() : column.name();
      long times = fields.stream().filter(field -> sameName(field, title)).count();
      if (times > 1 && column.isField()) {
        throw new DataRefusedException(
            "The header of %s has the column \"%s\" %d times (upper and lower case count as one); it is not clear which one is meant. Leave one."
                .formatted(file, title, times));
      }
      if (!column.isField()) {
        if (times > 0) {
          throw new DataRefusedException(
              "The header of %s has the column \"%s\", which dataset.columns gives a value by file; it is not clear which one is meant. Take it out of the file or value-by-file out of the settings."
                  .formatted(file, column.name()));
        }
        positions.add(NO_FIELD);
        values.add(column.valueFor(new Path(file).getName()));
      } else {
        positions.add(fields.indexOf(column.header()));
        values.add(Double.NaN);
        if (!fields.contains(column.header())) {
          missing.add(column.header());
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new DataRefusedException(
          "The header of %s lacks \"%s\". It reads %s (separator %s). %s"
              .formatted(
                  file,
                  String.join("\", \"", missing),
                  shown(fields),
                  separator == '\t' ? "tab" : "'" + separator + "'",
                  advice(line, fields, missing)));
    }
    return new CsvLayout(separator, List.copyOf(positions), List.copyOf(values), names);
  }

  /** The first of the separators with the most columns of the data set, then the most fields. */
  private static char separator(String line, List<ColumnDescription> columns) {
    return SEPARATORS.stream()
        .max(
            Comparator.<Character>comparingLong(by -> found(names(line, by), columns))
                .thenComparingInt(by -> names(line, by).size()))
        .orElseThrow();
  }

  /** What to do about a first line that lacks a column. */
  private static String advice(String line, List<String> fields, List<String> missing) {
    if (line.matches("(?i)\"?sep=.?\"?")) {
      return "This line names the separator for Excel and is not the header; delete it, the separator is found without it.";
    }
    if (line.startsWith("#")) {
      return "A line that begins with # is not skipped; delete the lines above the header, and a # at its beginning.";
    }
    if (line.indexOf('\uFFFD') >= 0) {
      return "The first line is not text in UTF-8; save the file as CSV in UTF-8.";
    }
    if (missing.stream().anyMatch(name -> fields.stream().anyMatch(one -> sameName(one, name)))) {
      return "Upper and lower case count: correct the names in the file, or give each of these columns its name in the file as its header in dataset.columns.";
    }
    return "The first line must have the exact name of each column that is needed and has no value-by-file, in any order, separated by comma, semicolon, tab or '|'; a column that has another name in the file needs that name as its header in dataset.columns.";
  }

  /** Fields that are not columns of the data set. */
  List<String> extra() {
    return IntStream.range(0, names.size())
        .filter(field -> !positions.contains(field))
        .mapToObj(columnNames()::get)
        .toList();
  }

  /**
   * The names as columns of a table, by the rule of Spark's CSV reader: a field without a name is
   * {@code _c} and its index, and a name that occurs twice is followed by the index.
   */
  public List<String> columnNames() {
    List<String> columns = new ArrayList<>();
    for (String name : names) {
      long times = names.stream().filter(other -> sameName(other, name)).count();
      int field = columns.size();
      columns.add(name.isEmpty() ? "_c" + field : times > 1 ? name + field : name);
    }
    return columns;
  }

  /** Whether a first line looks like a table: it has a column of the data set, or a number. */
  static boolean isOfTable(String line, List<ColumnDescription> columns) {
    return names(line, separator(line, columns)).stream()
        .anyMatch(
            field ->
                CsvNumber.isNumeric(field)
                    || columns.stream().anyMatch(column -> sameName(column.header(), field)));
  }

  private static List<String> names(String line, char separator) {
    // a header that is malformed with this separator may make sense with another
    return CsvLine.split(line, separator) instanceof CsvLine.Fields fields
        ? fields.values().stream().map(String::strip).toList()
        : List.of(line);
  }

  /**
   * The name in the table of a field of the header. A field that is not described leaves the name
   * of one that is to it; no described name begins with an underscore.
   */
  private static String name(String field, List<ColumnDescription> columns) {
    return columns.stream()
        .filter(column -> column.isField() && sameName(column.header(), field))
        .map(ColumnDescription::name)
        .findFirst()
        .orElse(
            columns.stream().anyMatch(column -> sameName(column.name(), field))
                ? "_" + field
                : field);
  }

  private static long found(List<String> fields, List<ColumnDescription> columns) {
    return columns.stream().filter(column -> fields.contains(column.header())).count();
  }

  private static boolean sameName(String one, String other) {
    return one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
  }

  private static String shown(List<String> names) {
    int limit = 30;
    return names.stream()
        .limit(limit)
        .map(name -> SafeText.shortened(name, 60))
        .collect(Collectors.joining(", ", "[", names.size() > limit ? ", …]" : "]"));
  }
}
