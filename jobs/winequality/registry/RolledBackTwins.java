package winequality.registry;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import winequality.mlflow.ModelVersion;
import winequality.mlflow.RegistryCalls;

/**
 * Finds versions that are the same model as another and have been rolled back. A job that runs
 * every night would otherwise train the model of yesterday's rollback again and bring it back.
 */
public final class RolledBackTwins {

  /** Tags that are equal for the same rows, split and settings; no version without all of them. */
  private static final List<String> SAME =
      List.of("table", "table_version", "split_fingerprint", "alpha", "lambda", "rmse");

  private final RegistryCalls registry;

  public RolledBackTwins(RegistryCalls registry) {
    this.registry = registry;
  }

  /** The numbers of such versions, the newest first. */
  public List<String> of(String model, String version) {
    Map<String, String> tags = registry.version(model, version).tags();
    if (!tags.keySet().containsAll(SAME)) {
      return List.of();
    }
    return registry.versions(model).stream()
        .filter(
            other ->
                other.tag(VersionTags.GATE).filter(VersionTags.ROLLED_BACK::equals).isPresent())
        .filter(
            other ->
                SAME.stream().allMatch(key -> Objects.equals(tags.get(key), other.tags().get(key))))
        .map(ModelVersion::version)
        .toList();
  }
}
