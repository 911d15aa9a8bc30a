package winequality.mlflow;

import java.util.Map;
import java.util.Optional;

/**
 * A model registry. One registry differs from another in where a version's files live and how it is
 * named and called, not in what its users want from it; so that is all they see.
 */
public interface RegistryCalls {

  /** Makes sure that a registered model of that name exists; one that exists is only looked at. */
  void ensureModel(String name);

  /**
   * The version of the model that was made from this run and folder, the newest of several; a
   * version that failed does not count.
   */
  Optional<ModelVersion> versionOf(String name, VerifiedUpload upload);

  /**
   * A new version made from an upload.
   *
   * <p>A repeat after a lost answer looks for the version first. Only a registry that goes on with
   * a call after its time limit, and is not done at that look, makes two of one upload; the newest
   * of them is what a later look finds.
   *
   * @param description Markdown
   */
  ModelVersion createVersion(
      String name, VerifiedUpload upload, String description, Map<String, String> tags);

  /** The version, with its aliases. */
  ModelVersion version(String name, String version);

  /** The number of the version the alias points to, if it points to one. */
  Optional<String> aliasedVersion(String name, String alias);

  /** Points the alias to the version, away from where it pointed before. */
  void setAlias(String name, String alias, String version);

  /** Where a person sees the version, in the part of the UI made for model training. */
  String url(String name, String version);
}
