package winequality.data.describe;

import com.fasterxml.jackson.databind.node.TextNode;
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
 * @param file its last part without the ending of a file
 * @param broken lines that cannot be split into the header's fields
 */
record DatasetDraft(String source, String file, long rows, long broken, List<ColumnDraft> columns) {

  private static final int SHOWN = 10;

  private static final String TEXT =
      """
      # A description of %1$s, made from its %3$s.
      # Ranges and levels are those of these rows: set them to what is possible, wider or narrower, and add units.
      %4$sdataset {
        name = "%2$s"
        label = %5$s
        columns = [
      %6$s
        ]
      }
      data {
        source = %1$s
      %7$s}
      """;

  /**
   * The settings in HOCON: a complete file for {@code --config}.
   *
   * @param wanted the name of the label; empty for the last number
   * @param refused the share of rows that are refused; 0 if it is what the settings allow
   * @throws DataRefusedException if there is no such number, or no other column to learn from
   */
  String text(Optional<String> wanted, double refused) {
    ColumnDraft label = label(wanted);
    String plain = file.replaceAll("[^A-Za-z0-9_]+", "_").replaceAll("^_+|_+$", "");
    // "wine" is the data set that the settings describe
    String name = plain.isEmpty() ? "table" : plain.equalsIgnoreCase("wine") ? "wine_table" : plain;
    List<String> lines = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (ColumnDraft column : columns) {
      String header = column.field().header();
      if (!column.unfit().isEmpty()) {
        lines.add(
            "    # %s is left out: %s".formatted(quoted(column.field().name()), column.unfit()));
        continue;
      }
      column.doubts().forEach(doubt -> lines.add("    # " + doubt));
      String of = nameOf(column);
      if (!taken.add(of.toLowerCase(Locale.ROOT))) {
        throw new DataRefusedException(
            "%s has two columns that would be called \"%s\"; rename one".formatted(source, of));
      }
      lines.add(
          "    { name = %s%s, unit = \"\"%s }"
              .formatted(
                  quoted(of),
                  of.equals(header) ? "" : ", header = " + quoted(header),
                  // a row without its label teaches nothing
                  column.equals(label)
                      ? column.settings().replace(", missing = mean", "")
                      : column.settings()));
    }
    if (taken.size() < 2) {
      throw new DataRefusedException(
          "%s has no column besides the label that a model can learn from%s"
              .formatted(source, leftOut()));
    }
    return TEXT.formatted(
        quoted(source),
        name,
        rows + plural(rows, " row", " rows"),
        broken == 0
            ? ""
            : "# %d %s another number of fields than the header, or an open quote; %s quarantined.\n"
                .formatted(
                    broken,
                    plural(broken, "line has", "lines have"),
                    plural(broken, "it is", "they are")),
        quoted(nameOf(label))
            + (wanted.isPresent() ? "" : "   # the last number; name another one with --label"),
        String.join("\n", lines),
        refused == 0.0
            ? ""
            : "  # the label is missing, or values are not numbers, in so many rows\n  max-quarantine-fraction = %s\n"
                .formatted(Math.ceil(refused * 100) / 100));
  }

  /**
   * The column to predict.
   *
   * @throws DataRefusedException if there is none of the name, or no number at all
   */
  ColumnDraft label(Optional<String> wanted) {
    List<ColumnDraft> numbers = columns.stream().filter(ColumnDraft::isDescribedNumber).toList();
    if (wanted.isEmpty()) {
      return numbers.stream()
          .reduce((one, next) -> next)
          .orElseThrow(
              () ->
                  new DataRefusedException(
                      "%s has no column of different numbers to predict; it has %s%s"
                          .formatted(source, names(columns), leftOut())));
    }
    String name = wanted.get();
    ColumnDraft column =
        columns.stream()
            .filter(one -> one.field().name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new DataRefusedException(
                        "%s has no column \"%s\"; it has %s"
                            .formatted(source, name, names(columns))));
    if (!column.isDescribedNumber()) {
      throw new DataRefusedException(
          "The column \"%s\" of %s cannot be predicted: %s. %s"
              .formatted(
                  name,
                  source,
                  column.notPredicted(),
                  numbers.isEmpty()
                      ? "No other column has different numbers either"
                      : "Columns that can: " + names(numbers)));
    }
    return column;
  }

  private static String names(List<ColumnDraft> some) {
    return some.stream().map(column -> column.field().name()).collect(Collectors.joining(", "));
  }

  /** Why columns are left out, for messages; empty if none is. */
  String leftOut() {
    List<String> reasons =
        columns.stream()
            .filter(column -> !column.unfit().isEmpty())
            .map(column -> "\n  %s: %s".formatted(column.field().name(), column.unfit()))
            .toList();
    String more = reasons.size() > SHOWN ? "\n  and %d more".formatted(reasons.size() - SHOWN) : "";
    return reasons.isEmpty()
        ? ""
        : ". Left out:" + String.join("", reasons.stream().limit(SHOWN).toList()) + more;
  }

  /** The name without what a column's name must not have. */
  private static String nameOf(ColumnDraft column) {
    String plain = column.field().name().strip().replaceAll("[.`\"]", "_").replaceAll("^_+", "");
    return switch (plain.toLowerCase(Locale.ROOT)) {
      case "" -> "unnamed";
      case "features", "prediction" -> plain + " column";
      default -> plain;
    };
  }

  /** The words that fit a number: singular or plural. */
  static String plural(long number, String one, String more) {
    return number == 1 ? one : more;
  }

  static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }
}
