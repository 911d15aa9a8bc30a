package winequality.gate;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import winequality.JobTags;
import winequality.gate.VersionSettings.OldVersions;

/**
 * Archives or deletes old versions: those older than the newest {@code registry.keep-versions} that
 * have neither alias nor role and do not await approval. Runs and files stay; {@code mlflow gc}
 * removes those.
 */
public final class Housekeeping {

  private Housekeeping() {}

  /** Returns the versions that this call archived or deleted, the oldest last. */
  public static List<String> tidy(
      RegistryCalls registry, Lifecycle lifecycle, String model, VersionSettings settings) {
    if (settings.keepVersions() == 0) {
      return List.of();
    }
    Set<String> aliased =
        Set.copyOf(registry.model(model).map(found -> found.aliases().values()).orElse(Set.of()));
    Set<String> inRole = Set.copyOf(lifecycle.roles(model).versions().values());
    Optional<String> waiting = Optional.of(JobTags.AWAITING_APPROVAL);
    boolean delete = settings.oldVersions() == OldVersions.DELETE;
    List<String> old =
        registry.versions(model).stream()
            .skip(settings.keepVersions())
            .filter(version -> !aliased.contains(version.version()))
            .filter(version -> !inRole.contains(version.version()))
            .filter(version -> !version.tag(JobTags.GATE).equals(waiting))
            .filter(version -> delete || !lifecycle.isArchived(version))
            .map(ModelVersion::version)
            .toList();
    for (String version : old) {
      if (delete) {
        registry.delete(model, version);
      } else {
        lifecycle.archive(model, version);
      }
    }
    return old;
  }
}
