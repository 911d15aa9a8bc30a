package winequality.report;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import winequality.SafeText;

/** A piece of HTML, complete and safe: every text and every attribute value is escaped. */
final class Html {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
  private static final Pattern ATTRIBUTE = Pattern.compile("[a-zA-Z][a-zA-Z0-9:-]*");
  private static final Set<String> VOID = Set.of("br", "img", "meta", "source");

  private final String markup;

  private Html(String markup) {
    this.markup = markup;
  }

  /** Attributes of an element from alternating names and values, in this order. */
  static Map<String, String> attributes(String... namesAndValues) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      attributes.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return attributes;
  }

  static Map<String, String> css(String classes) {
    return attributes("class", classes);
  }

  static Html nothing() {
    return text("");
  }

  /** Plain text; markup in it is escaped. */
  static Html text(String text) {
    return new Html(escaped(text));
  }

  static Html of(Html... parts) {
    return each(List.of(parts), part -> part);
  }

  static <T> Html each(Collection<T> items, Function<T, Html> piece) {
    return new Html(
        items.stream().map(item -> piece.apply(item).markup).collect(Collectors.joining()));
  }

  static Html element(String name, Html... content) {
    return element(name, Map.of(), content);
  }

  static Html element(String name, String text) {
    return element(name, text(text));
  }

  /** Throws {@link IllegalArgumentException} if a name is invalid or a void element has content. */
  static Html element(String name, Map<String, String> attributes, Html... content) {
    requireName("element", NAME, name);
    StringBuilder tag = new StringBuilder("<" + name);
    attributes.forEach(
        (attribute, value) -> {
          requireName("attribute", ATTRIBUTE, attribute);
          tag.append(' ').append(attribute).append("=\"").append(escaped(value)).append('"');
        });
    tag.append('>');
    if (!VOID.contains(name)) {
      return new Html(tag + of(content).markup + "</" + name + ">");
    }
    if (content.length > 0) {
      throw new IllegalArgumentException("<" + name + "> cannot have content");
    }
    return new Html(tag.toString());
  }

  private static void requireName(String kind, Pattern names, String name) {
    if (!names.matcher(name).matches()) {
      throw new IllegalArgumentException("\"%s\" is not a valid %s name".formatted(name, kind));
    }
  }

  /** A style sheet. HTML does not escape its text, so it must come from the program. */
  static Html style(String css) {
    if (css.contains("</")) {
      throw new IllegalArgumentException("A style sheet must not contain </");
    }
    return new Html("<style>" + css + "</style>");
  }

  String page() {
    return "<!doctype html>\n" + markup + "\n";
  }

  @Override
  public String toString() {
    return markup;
  }

  private static String escaped(String text) {
    return SafeText.visible(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
