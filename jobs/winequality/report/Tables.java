package winequality.report;

import static winequality.report.Html.attributes;
import static winequality.report.Html.css;
import static winequality.report.Html.each;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Tables of the page: every row and every column has a header, and wide tables scroll. */
final class Tables {

  private Tables() {}

  /** A table whose first column names the row; each row has as many cells as there are columns. */
  static Html of(String caption, List<String> columns, List<List<Html>> rows) {
    Html headers = each(columns, column -> element("th", attributes("scope", "col"), text(column)));
    return table(caption, Map.of(), element("thead", element("tr", headers)), rows);
  }

  /** A table of names and texts, which may be long. */
  static Html facts(String caption, Map<String, String> facts) {
    List<List<Html>> rows =
        facts.entrySet().stream().map(fact -> row(fact.getKey(), fact.getValue())).toList();
    return table(caption, css("facts"), Html.nothing(), rows);
  }

  /** The cells of a row of plain texts. */
  static List<Html> row(String... texts) {
    return Stream.of(texts).map(Html::text).toList();
  }

  /** The name of a column with its unit below it. */
  static Html columnName(String name, String unit) {
    return unit.isEmpty() ? text(name) : above(name, unit);
  }

  static Html above(String text, String small) {
    return Html.of(text(text), element("div", css("unit"), text(small)));
  }

  /** In a region that scrolls sideways on a narrow screen and that the keyboard reaches. */
  private static Html table(
      String caption, Map<String, String> attributes, Html head, List<List<Html>> rows) {
    return element(
        "div",
        attributes("class", "scroll", "role", "region", "aria-label", caption, "tabindex", "0"),
        element(
            "table",
            attributes,
            element("caption", caption),
            head,
            element("tbody", each(rows, Tables::line))));
  }

  private static Html line(List<Html> cells) {
    return element(
        "tr",
        element("th", attributes("scope", "row"), cells.get(0)),
        each(cells.subList(1, cells.size()), cell -> element("td", cell)));
  }
}
