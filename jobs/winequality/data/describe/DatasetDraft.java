package winequality.data.describe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import winequality.data.DataRefusedException;

/**
 * Settings for a table that nobody has described yet, made from its rows.
 *
 * @param source as the user named it
 * @param file its last part without the ending of a file
 * @param remarks what is to be known about the whole
 */
record DatasetDraft(
    String source, String file, long rows, List<Column> columns, List<String> remarks) {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String REST =
      """
        ]
      }
      data {
        source = %1$s
        table = ".local/tables/%2$s"
        quarantine-table = ".local/tables/%2$s_quarantine"
        files-table = ".local/tables/%2$s_files"
        profile-table = ".local/tables/%2$s_profiles"
      %3$s}
      mlflow.experiment-name = "%2$s"
      registry.model-name = "%2$s"
      scoring.table = ".local/tables/%2$s_predictions"
      scoring.rejected-table = ".local/tables/%2$s_rejected"
      """;

  /**
   * One column of the source.
   *
   * @param name of the column; only one without a name in the source has another header
   * @param description its settings behind the name; empty if it is left out
   * @param doubts what a person should look at, or why the column is left out
   */
  record Column(
      String name,
      String header,
      Optional<String> description,
      boolean number,
      List<String> doubts) {}

  /**
   * The settings in HOCON: a complete file for {@code --config}.
   *
   * @param wanted the name of the label; empty for the last number
   * @param refused the share of rows that are refused, if it is more than the settings allow
   * @throws DataRefusedException if there is no such number, or no other column to learn from
   */
  String text(Optional<String> wanted, OptionalDouble refused) {
    Column label = label(wanted);
    String plain = file.replaceAll("[^A-Za-z0-9_-]+", "_").replaceAll("^_+|_+$", "");
    String name = plain.isEmpty() ? "table" : plain;
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
    for (Column column : columns) {
      column.doubts().forEach(doubt -> lines.add("    # " + doubt));
      String of = nameOf(column);
      if (column.description().isEmpty()) {
        lines.add("    # left out: " + quoted(column.name()));
        continue;
      }
      if (!taken.add(of.toLowerCase(Locale.ROOT))) {
        throw new DataRefusedException(
            "%s has two columns that would be called \"%s\"; rename one".formatted(source, of));
      }
      String header =
          of.equals(column.header()) ? "" : ", header = %s".formatted(quoted(column.header()));
      // a row without its label teaches nothing
      String rest =
          column.equals(label)
              ? column.description().get().replace(", missing = mean", "")
              : column.description().get();
      lines.add("    { name = %s%s, unit = \"\"%s }".formatted(quoted(of), header, rest));
    }
    if (taken.size() < 2) {
      throw new DataRefusedException(
          "%s has no column besides the label that a model can learn from".formatted(source));
    }
    String limit =
        refused.isEmpty()
            ? ""
            : "  # the label is missing, or values are not numbers, in so many rows\n  max-quarantine-fraction = %s\n"
                .formatted(Math.ceil(refused.getAsDouble() * 100) / 100);
    return String.join("\n", lines) + "\n" + REST.formatted(quoted(source), name, limit);
  }

  /**
   * The column to predict.
   *
   * @throws DataRefusedException if there is none of the name, or no number at all
   */
  Column label(Optional<String> wanted) {
    List<Column> numbers =
        columns.stream()
            .filter(column -> column.number() && column.description().isPresent())
            .filter(column -> wanted.isEmpty() || column.name().equals(wanted.get()))
            .toList();
    if (numbers.isEmpty()) {
      throw new DataRefusedException(
          "%s has no column of different numbers%s to predict; it has %s"
              .formatted(
                  source,
                  wanted.map(" called \"%s\""::formatted).orElse(""),
                  columns.stream().map(Column::name).collect(Collectors.joining(", "))));
    }
    return numbers.get(numbers.size() - 1);
  }

  /** The name without what a column's name must not have. */
  private static String nameOf(Column column) {
    String plain = column.name().strip().replaceAll("[.`\"]", "_").replaceAll("^_+", "");
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
