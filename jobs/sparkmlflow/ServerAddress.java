package sparkmlflow;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import sparkmlflow.wire.Secrets;

/** Reads the address of an MLflow server and says what is wrong with a bad one. */
final class ServerAddress {

  private ServerAddress() {}

  /** What is wrong with the text, as a sentence that starts with its key. */
  static Optional<String> problem(String key, String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      return Optional.of(
          key
              + " is "
              + masked(text)
              + "; it must be an address such as http://127.0.0.1:5000, but "
              + e.getReason());
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (scheme.equals("uc")) {
      return Optional.of(
          key
              + " is "
              + masked(text)
              + "; open-source Unity Catalog is not supported, because it keeps neither aliases nor"
              + " tags of model versions: set the address of an MLflow server, or databricks-uc for"
              + " the Unity Catalog of a workspace");
    }
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return Optional.of(
          key
              + " is "
              + masked(text)
              + "; it must start with http:// or https:// (or be databricks for a workspace), because the job speaks to an MLflow"
              + " server and has no store of its own (file: and database addresses belong to the"
              + " server: start one with `mlflow server --backend-store-uri ...`)");
    }
    if (uri.getRawUserInfo() != null || text.contains("@")) {
      return Optional.of(
          key
              + " is "
              + masked(text)
              + "; it must not hold a user or password, since addresses are printed and logged:"
              + " set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or"
              + " MLFLOW_TRACKING_TOKEN");
    }
    if (uri.getHost() == null) {
      return Optional.of(key + " is " + text + "; it must name a host");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      return Optional.of(
          key
              + " is "
              + text.replaceAll("[?#].*", "")
              + "...; it must not have a query or a fragment: give the address without what starts"
              + " at ? or #");
    }
    return Optional.empty();
  }

  /** The address without a slash at its end; a path prefix stays. */
  static URI parse(String checked) {
    return URI.create(checked.replaceAll("/+$", ""));
  }

  // up to the last @, not the first / or @: a password may hold both, however wrong that is in a
  // URI
  private static String masked(String text) {
    return text.replaceAll("(?s)^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", "$1" + Secrets.MASK + "@");
  }
}
