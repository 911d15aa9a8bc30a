package winequality.report;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A piece of HTML that is whole and safe: every text and attribute in it went through the escaping
 * here, since there is no other way to make one.
 */
final class Html {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
  private static final Pattern ATTRIBUTE = Pattern.compile("[a-zA-Z][a-zA-Z0-9:-]*");
  private static final Set<String> VOID = Set.of("br", "img", "meta", "source");

  private final String markup;

  private Html(String markup) {
    this.markup = markup;
  }

  /** An attribute of an element. */
  record Attribute(String name, String value) {
    Attribute {
      if (!ATTRIBUTE.matcher(name).matches()) {
        throw new IllegalArgumentException("\"" + name + "\" is no name of an attribute");
      }
    }
  }

  static Attribute attribute(String name, String value) {
    return new Attribute(name, value);
  }

  static Attribute css(String classes) {
    return new Attribute("class", classes);
  }

  static Html nothing() {
    return new Html("");
  }

  /** Text as it reads; nothing in it is markup. */
  static Html text(String text) {
    return new Html(escaped(text));
  }

  /** One after the other. */
  static Html of(Html... parts) {
    return of(List.of(parts));
  }

  /** One after the other. */
  static Html of(List<Html> parts) {
    return new Html(parts.stream().map(part -> part.markup).collect(Collectors.joining()));
  }

  static Html element(String name, Html... content) {
    return element(name, List.of(), content);
  }

  static Html element(String name, String text) {
    return element(name, text(text));
  }

  static Html element(String name, Attribute attribute, Html... content) {
    return element(name, List.of(attribute), content);
  }

  /**
   * An element with its content.
   *
   * @throws IllegalArgumentException if the name is none, or an element that has no content has one
   */
  static Html element(String name, List<Attribute> attributes, Html... content) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("\"" + name + "\" is no name of an element");
    }
    String start =
        Stream.concat(
                Stream.of("<" + name),
                attributes.stream()
                    .map(attribute -> attribute.name() + "=\"" + escaped(attribute.value()) + "\""))
            .collect(Collectors.joining(" "));
    if (VOID.contains(name)) {
      if (content.length > 0) {
        throw new IllegalArgumentException("<" + name + "> has no content");
      }
      return new Html(start + ">");
    }
    return new Html(start + ">" + of(content).markup + "</" + name + ">");
  }

  /** A style sheet, whose text is not escaped in HTML: it must be the program's own. */
  static Html style(String css) {
    if (css.contains("</")) {
      throw new IllegalArgumentException("A style sheet must not have </ in it");
    }
    return new Html("<style>" + css + "</style>");
  }

  /** A whole page. */
  String page() {
    return "<!doctype html>\n" + markup + "\n";
  }

  @Override
  public String toString() {
    return markup;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
