package sparkmlflow.databricks;

import java.util.Optional;
import java.util.regex.Pattern;
import sparkmlflow.MlflowException;

/** A model's name in Unity Catalog: {@code catalog.schema.model}. */
public final class CatalogName {

  // Unity Catalog forbids dots, blanks, slashes and control characters in each part
  private static final Pattern FORM =
      Pattern.compile("[^.\\s/\\p{Cntrl}]+(\\.[^.\\s/\\p{Cntrl}]+){2}");

  private CatalogName() {}

  /** What is wrong with the name, as the rest of a sentence that begins with it. */
  public static Optional<String> problem(String name) {
    return FORM.matcher(name).matches()
        ? Optional.empty()
        : Optional.of(
            "it must have three parts for Unity Catalog, catalog.schema.model, without blanks and"
                + " slashes, such as main.ml."
                + name.replaceAll(".*\\.|[\\s/]", ""));
  }

  /**
   * Returns the name unchanged.
   *
   * @throws MlflowException if it does not have three parts
   */
  static String required(String name) {
    problem(name)
        .ifPresent(
            problem -> {
              throw MlflowException.refused(
                  "use the registered model " + name,
                  "the name is \"" + name + "\"; " + problem + ".");
            });
    return name;
  }
}
