package winequality.report;

import static winequality.report.Html.attribute;
import static winequality.report.Html.css;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Tables as they stand on a page: headers for every row and column, wide ones scroll. */
final class Tables {

  private Tables() {}

  /**
   * A table whose first column names the row and whose other columns are figures.
   *
   * @param caption says what the table has; read out, and shown above it
   * @param columns headers
   * @param rows as many cells as columns each
   */
  static Html of(String caption, List<String> columns, List<List<Html>> rows) {
    return scrolling(
        caption,
        element(
            "table",
            element("caption", caption),
            element(
                "thead",
                element(
                    "tr",
                    Html.of(
                        columns.stream()
                            .map(column -> element("th", attribute("scope", "col"), text(column)))
                            .toList()))),
            element("tbody", Html.of(rows.stream().map(Tables::line).toList()))));
  }

  /** The cells of a row of plain texts. */
  static List<Html> row(String... texts) {
    return Stream.of(texts).map(Html::text).toList();
  }

  /** The name of a column with its unit below it. */
  static Html columnName(String name, String unit) {
    return unit.isEmpty() ? text(name) : above(name, unit);
  }

  /** A text with a small one below it. */
  static Html above(String text, String small) {
    return Html.of(text(text), element("div", css("unit"), text(small)));
  }

  /** A table of names and texts, which may be long. */
  static Html facts(String caption, Map<String, String> facts) {
    return scrolling(
        caption,
        element(
            "table",
            css("facts"),
            element("caption", caption),
            element(
                "tbody",
                Html.of(
                    facts.entrySet().stream()
                        .map(fact -> line(row(fact.getKey(), fact.getValue())))
                        .toList()))));
  }

  private static Html line(List<Html> cells) {
    return element(
        "tr",
        element("th", attribute("scope", "row"), cells.get(0)),
        Html.of(cells.subList(1, cells.size()).stream().map(cell -> element("td", cell)).toList()));
  }

  /** A region that scrolls sideways where the screen is too narrow; the keyboard reaches it. */
  private static Html scrolling(String name, Html content) {
    return element(
        "div",
        List.of(
            css("scroll"),
            attribute("role", "region"),
            attribute("aria-label", name),
            attribute("tabindex", "0")),
        content);
  }
}
