package sparkmlflow.tracking;

import sparkmlflow.MlflowException;

/**
 * A file of a run or version: its path below the store's root, separated by {@code /}, and its size
 * in bytes.
 */
public record StoredFile(String path, long size) {

  public static String prefix(String artifactPath) {
    return artifactPath.isEmpty() ? "" : artifactPath + "/";
  }

  /** The path of the folder that holds a file; empty for the root. */
  public static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  public static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /**
   * The path relative to a folder (empty: the root), safe to resolve against a local folder; throws
   * {@link MlflowException} if it does not lead into the folder.
   */
  public String below(String artifactPath) {
    String prefix = prefix(artifactPath);
    String rest = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
    for (String part : rest.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..") || part.contains("\\")) {
        throw MlflowException.refused(
            "download " + path,
            "the server lists a file whose path does not lead into "
                + (artifactPath.isEmpty() ? "the artifacts" : artifactPath)
                + ".");
      }
    }
    return rest;
  }
}
