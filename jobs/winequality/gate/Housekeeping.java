package winequality.gate;

import java.util.List;
import java.util.Set;
import sparkmlflow.MlflowTags;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;

/**
 * Puts old versions out of the way: beyond the newest {@code registry.keep-versions}, those that
 * have no alias and no role and that nobody has still to decide on. Runs and files stay; {@code
 * mlflow gc} is for those.
 */
public final class Housekeeping {

  private final RegistryCalls registry;
  private final Lifecycle lifecycle;
  private final String model;
  private final VersionSettings settings;

  public Housekeeping(
      RegistryCalls registry, Lifecycle lifecycle, String model, VersionSettings settings) {
    this.registry = registry;
    this.lifecycle = lifecycle;
    this.model = model;
    this.settings = settings;
  }

  /**
   * Archives or deletes what is old, the oldest last.
   *
   * @return the versions that were put away now
   */
  public List<String> tidy() {
    if (settings.keepVersions() == 0) {
      return List.of();
    }
    Set<String> aliased =
        Set.copyOf(registry.model(model).map(found -> found.aliases().values()).orElse(Set.of()));
    Set<String> inRole = Set.copyOf(lifecycle.roles(model).versions().values());
    List<String> old =
        registry.versions(model).stream()
            .skip(settings.keepVersions())
            .filter(version -> !aliased.contains(version.version()))
            .filter(version -> !inRole.contains(version.version()))
            .filter(
                version ->
                    version
                        .tag(MlflowTags.GATE)
                        .filter(MlflowTags.AWAITING_APPROVAL::equals)
                        .isEmpty())
            .filter(
                version ->
                    settings.oldVersions() == OldVersions.DELETE || !lifecycle.isArchived(version))
            .map(ModelVersion::version)
            .toList();
    for (String version : old) {
      if (settings.oldVersions() == OldVersions.DELETE) {
        registry.delete(model, version);
      } else {
        lifecycle.archive(model, version);
      }
    }
    return old;
  }
}
