package winequality.gate;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import winequality.JobTags;
import winequality.metrics.Repeatability;

/**
 * Finds rolled-back versions that are the same model as a new one. Without this check a nightly job
 * would train and promote the model of yesterday's rollback again.
 */
public final class RolledBackDuplicates {

  /** Tags that are equal for the same rows, split and settings; a version needs all of them. */
  private static final List<String> SAME =
      List.of(
          JobTags.TABLE,
          JobTags.TABLE_VERSION,
          JobTags.SPLIT_FINGERPRINT,
          JobTags.ALPHA,
          JobTags.LAMBDA,
          JobTags.RMSE);

  /** Tags with computed values, whose last digits depend on the processor. */
  private static final Set<String> COMPUTED = Set.of(JobTags.LAMBDA, JobTags.RMSE);

  private RolledBackDuplicates() {}

  /** The version numbers of the duplicates, the newest first. */
  public static List<String> of(RegistryCalls registry, String model, String version) {
    Map<String, String> tags = registry.version(model, version).tags();
    if (!tags.keySet().containsAll(SAME)) {
      return List.of();
    }
    return registry.versions(model).stream()
        .filter(other -> JobTags.ROLLED_BACK.equals(other.tags().get(JobTags.GATE)))
        .filter(other -> SAME.stream().allMatch(key -> isSame(key, tags, other.tags())))
        .map(ModelVersion::version)
        .toList();
  }

  private static boolean isSame(String key, Map<String, String> ones, Map<String, String> others) {
    String one = ones.get(key);
    String other = others.get(key);
    if (one == null || other == null || !COMPUTED.contains(key)) {
      return Objects.equals(one, other);
    }
    try {
      return Repeatability.isSame(Double.parseDouble(one), Double.parseDouble(other));
    } catch (NumberFormatException e) {
      // somebody changed the tag
      return false;
    }
  }
}
