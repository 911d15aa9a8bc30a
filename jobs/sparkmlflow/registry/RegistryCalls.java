package sparkmlflow.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.VerifiedFolder;

/**
 * A model registry. One registry differs from another in where a version's files live and how it is
 * named and called, not in what its users want from it; so that is all they see.
 *
 * <p>Each call may be made twice: a create looks for what an earlier attempt made, and taking away
 * what is not there is no failure.
 */
public interface RegistryCalls {

  /** Which kind of registry it is, without asking it. */
  RegistryKind kind();

  /** The registered model with its aliases and tags, if there is one of that name. */
  Optional<RegisteredModel> model(String name);

  /** Makes sure that a registered model of that name exists; one that exists is only looked at. */
  void ensureModel(String name);

  /** Sets a tag of the registered model. */
  void setModelTag(String name, String key, String value);

  /** Takes a tag of the registered model away. */
  void deleteModelTag(String name, String key);

  /** Every version of the model, the newest first; none if there is no such model. */
  List<ModelVersion> versions(String name);

  /** The version of that number, with its aliases, if there is one. */
  Optional<ModelVersion> find(String name, String version);

  /**
   * The version of that number, with its aliases.
   *
   * @throws MlflowException if there is none
   */
  ModelVersion version(String name, String version);

  /**
   * The version of the model that was made from this run and folder, the newest of several; a
   * version that failed does not count.
   */
  Optional<ModelVersion> versionOf(String name, VerifiedFolder folder);

  /**
   * A new version made from a folder of a run's files.
   *
   * <p>A repeat after a lost answer looks for the version first. Only a registry that goes on with
   * a call after its time limit, and is not done at that look, makes two of one folder; the newest
   * of them is what a later look finds.
   *
   * <p>A registry that keeps files of its own, as Unity Catalog does, takes them from this machine:
   * the folder's local files have to be there still.
   *
   * @param description Markdown
   */
  ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags);

  /**
   * The version's files, if the registry keeps them itself and gives them to this job; empty where
   * they are those of the version's run. The model's folder is the root.
   *
   * @throws MlflowException if the registry is not reached
   */
  Optional<ArtifactStore> files(ModelVersion version);

  /** Sets tags of the version; a later value replaces an earlier one. */
  void setTags(String name, String version, Map<String, String> tags);

  /** Takes a tag of the version away. */
  void deleteTag(String name, String version, String key);

  /** Replaces the version's description by another, in Markdown. */
  void describe(String name, String version, String description);

  /** Points the alias to the version, away from where it pointed before. */
  void setAlias(String name, String alias, String version);

  /** Takes the alias away; the version stays. */
  void deleteAlias(String name, String alias);

  /**
   * Moves the version to a stage, in one call that also moves what was there to {@code Archived}.
   *
   * @param stage {@code Staging}, {@code Production} or {@code Archived}
   * @throws MlflowException if the registry knows no stages
   */
  void moveToStage(String name, String version, String stage);

  /** Deletes the version; the run and its files stay. */
  void delete(String name, String version);

  /** Where a person sees the version, in the part of the UI made for model training. */
  String url(String name, String version);
}
