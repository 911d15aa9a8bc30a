package winequality.mlflow;

import java.util.List;
import java.util.function.Function;

/**
 * Makes a version whole or not at all, in registries that hold the files themselves: what was made
 * is deleted when its files do not arrive completely or it cannot be finished.
 */
final class HalfMadeVersions {

  private HalfMadeVersions() {}

  /**
   * The version as it is when it is finished.
   *
   * @param bring brings the files and lists what is there then, relative to the version
   */
  static ModelVersion finish(
      ModelVersion created,
      VerifiedFolder folder,
      Function<ModelVersion, List<StoredFile>> bring,
      Function<ModelVersion, ModelVersion> finalize,
      Runnable delete) {
    try {
      requireAll(created, folder, bring.apply(created));
      return finalize.apply(created);
    } catch (RuntimeException | Error e) {
      try {
        delete.run();
      } catch (RuntimeException undeleted) {
        e.addSuppressed(undeleted);
      }
      throw e;
    }
  }

  private static void requireAll(
      ModelVersion version, VerifiedFolder folder, List<StoredFile> listed) {
    List<String> problems = VerifiedFolder.differences("", folder.files(), listed);
    if (!problems.isEmpty()) {
      throw MlflowException.refused(
          "bring the files of version " + version.version() + " of " + version.name(),
          "what the registry lists differs from the %d local files: %s. The version was taken back; run the job again."
              .formatted(folder.files().files().size(), VerifiedFolder.named(problems)));
    }
  }
}
