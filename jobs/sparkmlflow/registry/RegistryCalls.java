package sparkmlflow.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.VerifiedFolder;

/**
 * A model registry, whatever its kind. Registries differ in where they keep a version's files and
 * in the form of their calls; users of this interface need to know neither.
 *
 * <p>Each call may be repeated: a create first looks for the result of an earlier attempt, and
 * deleting something that does not exist succeeds.
 */
public interface RegistryCalls {

  /** Sends nothing. */
  RegistryKind kind();

  /** The registered model with its aliases and tags; empty if it does not exist. */
  Optional<RegisteredModel> model(String name);

  /** Creates the registered model unless it exists. */
  void ensureModel(String name);

  void setModelTag(String name, String key, String value);

  void deleteModelTag(String name, String key);

  /** All versions of the model, newest first; empty if the model does not exist. */
  List<ModelVersion> versions(String name);

  /** The version with its aliases; empty if it does not exist. */
  Optional<ModelVersion> find(String name, String version);

  /** The version with its aliases; throws {@link MlflowException} if it does not exist. */
  ModelVersion version(String name, String version);

  /** The newest version made from these files of the run; failed versions do not count. */
  Optional<ModelVersion> versionOf(String name, VerifiedFolder folder);

  /**
   * Creates a version from a folder of a run's files, which must still exist on this machine: a
   * registry that keeps the files itself, such as Unity Catalog, gets them from here.
   *
   * <p>A repeat after a lost answer looks for the version first. Two versions of one folder arise
   * only if the registry is still working on the first call at that time; {@link #versionOf} then
   * finds the newest.
   *
   * @param description Markdown
   */
  ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags);

  /**
   * The version's files, below the root of a store, if the registry keeps them itself and lets this
   * job read them. Otherwise empty; the files are those of the version's run or logged model.
   */
  Optional<ArtifactStore> files(ModelVersion version);

  /** Sets tags of the version and replaces existing values. */
  void setTags(String name, String version, Map<String, String> tags);

  /** Replaces the version's description, which is Markdown. */
  void describe(String name, String version, String description);

  /** Points the alias to the version; an existing alias moves. */
  void setAlias(String name, String alias, String version);

  void deleteAlias(String name, String alias);

  /**
   * Moves the version to {@code Staging}, {@code Production} or {@code Archived}, and the versions
   * already there to {@code Archived}, in one call. Throws {@link MlflowException} without stages.
   */
  void moveToStage(String name, String version, String stage);

  /** Deletes the version; its run and the run's files stay. */
  void delete(String name, String version);

  String url(String name, String version);
}
