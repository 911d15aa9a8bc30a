package sparkmlflow.tracking;

/**
 * A data set as a run's input, as MLflow stores it. {@code source}, {@code schema} and {@code
 * profile} are JSON.
 *
 * @param context what the run used it for, such as {@code training}
 * @param digest at most 36 characters; name and digest together are the data set's identity
 */
public record DatasetEntry(
    String context,
    String name,
    String digest,
    String sourceType,
    String source,
    String schema,
    String profile) {

  /**
   * Checks the lengths that the server's columns allow.
   *
   * @throws IllegalArgumentException if the name or the digest is blank or too long
   */
  public DatasetEntry {
    if (name.isBlank() || name.length() > 500) {
      throw new IllegalArgumentException(
          "the data set's name has " + name.length() + " characters; MLflow accepts 1 to 500");
    }
    if (digest.isBlank() || digest.length() > 36) {
      throw new IllegalArgumentException(
          "the digest of data set %s has %d characters; MLflow accepts 1 to 36"
              .formatted(name, digest.length()));
    }
  }
}
