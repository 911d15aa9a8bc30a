package winequality.gate;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sparkmlflow.MlflowTags;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import winequality.JobTags;
import winequality.metrics.Repeatability;

/**
 * Finds versions that are the same model as another and have been rolled back. A job that runs
 * every night would otherwise train the model of yesterday's rollback again and bring it back.
 */
public final class RolledBackDuplicates {

  /** Tags that are equal for the same rows, split and settings; no version without all of them. */
  private static final List<String> SAME =
      List.of(
          JobTags.TABLE,
          JobTags.TABLE_VERSION,
          JobTags.SPLIT_FINGERPRINT,
          JobTags.ALPHA,
          JobTags.LAMBDA,
          JobTags.RMSE);

  /** Those of them that are computed, so that another processor may give other last digits. */
  private static final Set<String> COMPUTED = Set.of(JobTags.LAMBDA, JobTags.RMSE);

  private final RegistryCalls registry;

  public RolledBackDuplicates(RegistryCalls registry) {
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
            other -> other.tag(MlflowTags.GATE).filter(MlflowTags.ROLLED_BACK::equals).isPresent())
        .filter(
            other ->
                SAME.stream().allMatch(key -> isSame(key, tags.get(key), other.tags().get(key))))
        .map(ModelVersion::version)
        .toList();
  }

  private static boolean isSame(String key, @Nullable String one, @Nullable String other) {
    if (one == null || other == null || !COMPUTED.contains(key)) {
      return Objects.equals(one, other);
    }
    try {
      return Repeatability.isSame(Double.parseDouble(one), Double.parseDouble(other));
    } catch (NumberFormatException e) {
      // somebody has changed the tag
      return false;
    }
  }
}
