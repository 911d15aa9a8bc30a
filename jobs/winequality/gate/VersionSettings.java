package winequality.gate;

/**
 * Whether a training registers a version, how the gate checks it, and how old versions are treated.
 *
 * @param enabled if false, the run keeps the model and no version is registered
 * @param keepVersions how many versions to keep; 0: all
 */
public record VersionSettings(
    boolean enabled, int keepVersions, OldVersions oldVersions, GateSettings gate) {

  /**
   * @throws IllegalArgumentException if the number is negative
   */
  public VersionSettings {
    if (keepVersions < 0) {
      throw new IllegalArgumentException(
          "registry.keep-versions is " + keepVersions + "; it must be 0 (all) or more");
    }
  }

  /** How the job treats versions beyond {@code registry.keep-versions}. */
  public enum OldVersions {
    /** They get the stage Archived, or the tag {@code archived} if the registry has no stages. */
    ARCHIVE,
    /** They are deleted from the registry; their runs stay. */
    DELETE
  }
}
