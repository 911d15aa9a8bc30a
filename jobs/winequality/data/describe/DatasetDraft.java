package winequality.data.describe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import winequality.data.DataRefusedException;

/**
 * Settings for a table that nobody has described yet, made from its rows.
 *
 * @param source as the user named it
 * @param remarks what is to be known about the whole
 */
record DatasetDraft(String source, long rows, List<Column> columns, List<String> remarks) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The default of data.max-quarantine-fraction. */
  private static final double USUAL = 0.05;

  /**
   * One column of the source.
   *
   * @param description its settings behind the name; empty if it is left out
   * @param refused rows that are refused for this column, if it is not the label
   * @param missing rows without a value, which are refused if it is the label
   * @param doubts what a person should look at, or why the column is left out
   */
  record Column(
      String header,
      Optional<String> description,
      boolean number,
      long refused,
      long missing,
      List<String> doubts) {}

  /**
   * The settings in HOCON: a complete file for {@code --config}.
   *
   * @param wanted the header of the label; empty for the last number
   * @throws DataRefusedException if there is no such number, or no other column to learn from
   */
  String text(Optional<String> wanted) {
    Column label = label(wanted);
    String name = dataset();
    List<String> lines = new ArrayList<>();
    lines.add("# A description of %s, made from its %d rows.".formatted(quoted(source), rows));
    lines.add(
        "# Ranges and levels are those of these rows: widen them to what is possible, and add units.");
    remarks.forEach(remark -> lines.add("# " + remark));
    lines.add("dataset {");
    lines.add("  name = " + quoted(name));
    lines.add(
        "  label = %s%s"
            .formatted(
                quoted(nameOf(label)),
                wanted.isPresent() ? "" : "   # the last number; name another one with --label"));
    lines.add("  columns = [");
    Set<String> taken = new HashSet<>();
    int described = 0;
    for (Column column : columns) {
      column.doubts().forEach(doubt -> lines.add("    # " + doubt));
      String of = nameOf(column);
      if (column.description().isEmpty()) {
        lines.add("    # left out: " + quoted(column.header()));
        continue;
      }
      if (!taken.add(of.toLowerCase(Locale.ROOT))) {
        throw new DataRefusedException(
            "%s has two columns that would be called \"%s\"; rename one".formatted(source, of));
      }
      described++;
      String header =
          of.equals(column.header()) ? "" : ", header = %s".formatted(quoted(column.header()));
      // a row without its label teaches nothing
      String rest =
          column.equals(label)
              ? column.description().get().replace(", missing = mean", "")
              : column.description().get();
      lines.add("    { name = %s%s, unit = \"\"%s }".formatted(quoted(of), header, rest));
    }
    if (described < 2) {
      throw new DataRefusedException(
          "%s has no column besides the label that a model can learn from".formatted(source));
    }
    lines.add("  ]");
    lines.add("}");
    lines.add("data {");
    lines.add("  source = " + quoted(source));
    lines.add("  table = " + quoted(".local/tables/" + name));
    lines.add("  quarantine-table = " + quoted(".local/tables/" + name + "_quarantine"));
    lines.add("  files-table = " + quoted(".local/tables/" + name + "_files"));
    lines.add("  profile-table = " + quoted(".local/tables/" + name + "_profiles"));
    double refused =
        (label.missing() + columns.stream().mapToLong(Column::refused).sum()) / (double) rows;
    if (refused > USUAL) {
      lines.add("  # the label is missing, or values are not numbers, in so many rows");
      lines.add("  max-quarantine-fraction = %s".formatted(Math.ceil(refused * 100) / 100));
    }
    lines.add("}");
    lines.add("mlflow.experiment-name = " + quoted(name));
    lines.add("registry.model-name = " + quoted(name));
    lines.add("scoring.table = " + quoted(".local/tables/" + name + "_predictions"));
    lines.add("scoring.rejected-table = " + quoted(".local/tables/" + name + "_rejected"));
    return String.join("\n", lines) + "\n";
  }

  private Column label(Optional<String> wanted) {
    List<Column> numbers =
        columns.stream()
            .filter(column -> column.number() && column.description().isPresent())
            .filter(column -> wanted.isEmpty() || column.header().equals(wanted.get()))
            .toList();
    if (numbers.isEmpty()) {
      throw new DataRefusedException(
          "%s has no column of different numbers%s to predict; it has %s"
              .formatted(
                  source,
                  wanted.map(" called \"%s\""::formatted).orElse(""),
                  columns.stream().map(Column::header).collect(Collectors.joining(", "))));
    }
    return numbers.get(numbers.size() - 1);
  }

  /** The name of the data set: that of the file or table. */
  private String dataset() {
    String last = source.replaceAll("/+$", "").replaceAll(".*[/]", "");
    String file = last.replaceAll("(?i)\\.(csv|tsv|txt|data|parquet)(\\.\\w+)?$", "");
    String plain = file.replaceAll("[^A-Za-z0-9_-]+", "_").replaceAll("^_+|_+$", "");
    return plain.isEmpty() ? "table" : plain;
  }

  /** The header without what a column's name must not have. */
  private static String nameOf(Column column) {
    String plain = column.header().strip().replaceAll("[.`\"]", "_").replaceAll("^_+", "");
    return switch (plain.toLowerCase(Locale.ROOT)) {
      case "" -> "unnamed";
      case "features", "prediction" -> plain + " column";
      default -> plain;
    };
  }

  static String quoted(String text) {
    try {
      return JSON.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A text that JSON cannot hold: " + text, e);
    }
  }
}
