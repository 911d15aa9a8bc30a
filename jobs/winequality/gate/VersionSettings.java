package winequality.gate;

/**
 * Whether a training makes a version, what it has to show, and what becomes of older ones.
 *
 * @param enabled off: the run keeps the model and no version is made
 * @param keepVersions how many versions are left alone; 0: all
 * @param oldVersions what becomes of older ones
 * @param gate what a new version has to show before it goes into production
 */
public record VersionSettings(
    boolean enabled, int keepVersions, OldVersions oldVersions, GateSettings gate) {

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException that starts with the key
   */
  public VersionSettings {
    if (keepVersions < 0) {
      throw new IllegalArgumentException(
          "registry.keep-versions is " + keepVersions + "; it must be 0 (all) or more");
    }
  }
}
