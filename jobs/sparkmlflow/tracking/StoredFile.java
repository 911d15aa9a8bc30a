package sparkmlflow.tracking;

import sparkmlflow.MlflowException;

/**
 * A file among a run's artifacts.
 *
 * @param path relative to the run's artifact root, parted by {@code /}
 * @param size in bytes
 */
public record StoredFile(String path, long size) {

  /** What the paths of files below a path begin with. */
  public static String prefix(String artifactPath) {
    return artifactPath.isEmpty() ? "" : artifactPath + "/";
  }

  /**
   * The path within a folder of the artifacts, safe to be resolved against a folder of this
   * machine.
   *
   * @param artifactPath the folder's path; empty for the root
   * @throws MlflowException if the path does not lead into the folder, as no path of a server
   *     should
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
