package sparkmlflow.databricks;

import java.util.Optional;
import java.util.regex.Pattern;
import sparkmlflow.MlflowException;

/** A model's name in Unity Catalog: {@code catalog.schema.model}. */
public final class CatalogName {

  // what Unity Catalog forbids in each part: a dot, a blank, a slash and control characters
  private static final Pattern FORM =
      Pattern.compile("[^.\\s/\\p{Cntrl}]+(\\.[^.\\s/\\p{Cntrl}]+){2}");

  /** What is wrong with the text, as the rest of a sentence that begins with it. */
  public static Optional<String> problem(String text) {
    return FORM.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            "it must have three parts for Unity Catalog, catalog.schema.model, without blanks and"
                + " slashes, such as main.ml."
                + text.replaceAll(".*\\.|[\\s/]", ""));
  }

  private CatalogName() {}

  /**
   * The name itself.
   *
   * @throws MlflowException if it does not have three parts
   */
  static String required(String text) {
    Optional<String> problem = problem(text);
    if (problem.isPresent()) {
      throw MlflowException.refused(
          "use the registered model " + text,
          "the name is \"" + text + "\"; " + problem.get() + ".");
    }
    return text;
  }
}
