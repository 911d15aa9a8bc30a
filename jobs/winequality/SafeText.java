package winequality;

import java.util.regex.Pattern;

/**
 * Texts of files and settings, such as the name of a column, in pages, descriptions and messages.
 * Whoever wrote them may have meant them as markup, or as another line of a log.
 */
public final class SafeText {

  /** Control characters, and those that change the direction of what follows. */
  private static final Pattern INVISIBLE =
      Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069&&[^\\t\\n]]");

  private static final Pattern MARKUP = Pattern.compile("[\\\\`*_{}\\[\\]|~]");

  private SafeText() {}

  /**
   * The text with each invisible character written like {@code \u001b}; line breaks and tabs stay.
   */
  public static String visible(String text) {
    return INVISIBLE
        .matcher(text)
        .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
  }

  /** The same on one line: blanks for line breaks and tabs. */
  public static String line(String text) {
    return visible(text).replaceAll("[\\t\\n]+", " ");
  }

  /**
   * The text on one line of Markdown or in a cell of a table there, where nothing of it is markup.
   */
  public static String markdown(String text) {
    return MARKUP
        .matcher(line(text))
        .replaceAll("\\\\$0")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;");
  }

  /** The text, or so many of its characters and an ellipsis. */
  public static String shortened(String text, int most) {
    return text.length() > most ? text.substring(0, most) + "…" : text;
  }

  /** The text as code in Markdown, on one line; a backtick would end it and becomes a quote. */
  public static String code(String text) {
    return "`" + line(text).replace('`', '\'') + "`";
  }
}
