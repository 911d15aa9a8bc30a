package sparkmlflow.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.RestCalls;

/**
 * The registry of an MLflow server, or the older one of a Databricks workspace, which has the same
 * calls but for aliases. A version is a pointer there: {@code source} is the run's artifact folder
 * and stays where it is.
 *
 * <p>Not through mlflow-client, which has no call that changes a version and shows neither the
 * stage nor more than one page of a search.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">MLflow's REST API</a>
 */
public class ServerRegistryCalls implements RegistryCalls {

  private static final String MISSING = "RESOURCE_DOES_NOT_EXIST";
  private static final String PAGE_SIZE = "200";

  private final RestCalls rest;
  private final RegistryKind kind;

  public ServerRegistryCalls(RestCalls rest, RegistryKind kind) {
    this.rest = rest;
    this.kind = kind;
  }

  @Override
  public RegistryKind kind() {
    return kind;
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    String operation = "look up registered model " + name;
    return unlessMissing(
        () ->
            RegistryAnswers.model(
                operation, rest.get(operation, "registered-models/get", Map.of("name", name))));
  }

  @Override
  public void ensureModel(String name) {
    // looked for first: who may add versions need not have the right to make models
    if (model(name).isPresent()) {
      return;
    }
    ObjectNode body = RestCalls.JSON.createObjectNode().put("name", name);
    try {
      // an own repeat meets RESOURCE_ALREADY_EXISTS too, and that is what was wanted
      rest.post("create registered model " + name, "registered-models/create", body);
    } catch (MlflowException e) {
      if (!e.has("RESOURCE_ALREADY_EXISTS")) {
        throw e;
      }
    }
  }

  @Override
  public void setModelTag(String name, String key, String value) {
    rest.post(
        "set tag " + key + " of registered model " + name,
        "registered-models/set-tag",
        named(name).put("key", key).put("value", value));
  }

  @Override
  public void deleteModelTag(String name, String key) {
    delete(
        "delete tag " + key + " of registered model " + name,
        "registered-models/delete-tag",
        named(name).put("key", key));
  }

  @Override
  public List<ModelVersion> versions(String name) {
    return search("list the versions of " + name, "name = " + quoted(name));
  }

  @Override
  public Optional<ModelVersion> find(String name, String version) {
    return unlessMissing(() -> version(name, version));
  }

  @Override
  public ModelVersion version(String name, String version) {
    String operation = "look up version " + version + " of " + name;
    return RegistryAnswers.version(
        operation,
        rest.get(operation, "model-versions/get", Map.of("name", name, "version", version))
            .path("model_version"));
  }

  @Override
  public Optional<ModelVersion> versionOf(String name, VerifiedFolder folder) {
    String runId = folder.runId();
    // an adopted run may have a version already that was made from another folder
    return search(
            "look for the version of " + name + " made from run " + runId,
            "name = " + quoted(name) + " and run_id = '" + runId + "'")
        .stream()
        .filter(version -> version.source().replaceAll("/+$", "").equals(folder.uri()))
        .filter(version -> version.status() != ModelVersion.Status.FAILED)
        .findFirst();
  }

  /** Every version that a filter lets through, the newest first. */
  protected List<ModelVersion> search(String operation, String filter) {
    List<ModelVersion> found = new ArrayList<>();
    rest.pages(
        operation,
        "model-versions/search",
        Map.of("filter", filter, "max_results", PAGE_SIZE),
        "model_versions",
        node -> found.add(RegistryAnswers.version(operation, node)));
    found.sort(Comparator.comparingLong(ModelVersion::number).reversed());
    return found;
  }

  @Override
  public ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags) {
    ObjectNode body =
        named(name)
            .put("source", folder.uri())
            .put("run_id", folder.runId())
            .put("description", description);
    TrackingCalls.pairs(body.putArray("tags"), tags.entrySet());
    return created(name, body, () -> versionOf(name, folder));
  }

  /** Creates a version, once. */
  protected ModelVersion created(
      String name, ObjectNode body, Supplier<Optional<ModelVersion>> find) {
    String operation = "create a version of registered model " + name;
    return rest.retrier()
        .create(
            () ->
                RegistryAnswers.version(
                    operation,
                    rest.postOnce(operation, "model-versions/create", body).path("model_version")),
            find);
  }

  @Override
  public Optional<ArtifactStore> files(ModelVersion version) {
    return Optional.empty();
  }

  @Override
  public void setTags(String name, String version, Map<String, String> tags) {
    // one call each: the registry takes no more
    tags.forEach(
        (key, value) ->
            rest.post(
                "set tag " + key + " of version " + version + " of " + name,
                "model-versions/set-tag",
                versioned(name, version).put("key", key).put("value", value)));
  }

  @Override
  public void deleteTag(String name, String version, String key) {
    delete(
        "delete tag " + key + " of version " + version + " of " + name,
        "model-versions/delete-tag",
        versioned(name, version).put("key", key));
  }

  @Override
  public void describe(String name, String version, String description) {
    rest.send(
        "describe version " + version + " of " + name,
        "PATCH",
        "model-versions/update",
        versioned(name, version).put("description", description));
  }

  @Override
  public void setAlias(String name, String alias, String version) {
    if (kind == RegistryKind.DATABRICKS_WORKSPACE) {
      // MLflow's client refuses it too, without asking (databricks_workspace_model_registry)
      throw MlflowException.refused(
          "point alias " + alias + " of " + name + " to version " + version,
          "the older registry of a Databricks workspace has stages and no aliases. Set"
              + " the lifecycle to stages, or the registry to databricks-uc.");
    }
    String operation = "point alias " + alias + " of " + name + " to version " + version;
    ObjectNode body = named(name).put("alias", alias).put("version", version);
    try {
      rest.post(operation, "registered-models/alias", body);
    } catch (MlflowException e) {
      // MLflow's server looks for the alias and then inserts it: of two that give a new one at the
      // same moment its database refuses the second, which finds the alias when it asks again
      if (!e.has("BAD_REQUEST")) {
        throw e;
      }
      rest.post(operation, "registered-models/alias", body);
    }
  }

  @Override
  public void deleteAlias(String name, String alias) {
    delete(
        "take alias " + alias + " of " + name + " away",
        "registered-models/alias",
        named(name).put("alias", alias));
  }

  @Override
  public void moveToStage(String name, String version, String stage) {
    if (kind == RegistryKind.UNITY_CATALOG) {
      throw MlflowException.refused(
          "move version " + version + " of " + name + " to stage " + stage,
          "Unity Catalog has aliases and no stages. Set the lifecycle to aliases.");
    }
    rest.post(
        "move version " + version + " of " + name + " to stage " + stage,
        "model-versions/transition-stage",
        versioned(name, version)
            .put("stage", stage)
            // the server knows this for these two stages only
            .put("archive_existing_versions", !stage.equals("Archived")));
  }

  @Override
  public void delete(String name, String version) {
    delete(
        "delete version " + version + " of " + name,
        "model-versions/delete",
        versioned(name, version));
  }

  /** An own repeat finds nothing to delete any more, and that is what was wanted. */
  private void delete(String operation, String path, ObjectNode body) {
    try {
      rest.send(operation, "DELETE", path, body);
    } catch (MlflowException e) {
      if (!e.has(MISSING)) {
        throw e;
      }
    }
  }

  @Override
  public String url(String name, String version) {
    // in a workspace as MLflow's Python prints it (utils/databricks_utils.py)
    String form =
        switch (kind) {
          case MLFLOW_SERVER -> "%s/#/models/%s/versions/%s?workflowType=machine_learning";
          case DATABRICKS_WORKSPACE -> "%s/#mlflow/models/%s/versions/%s";
          case UNITY_CATALOG -> "%s/explore/data/models/%s/version/%s";
        };
    String path =
        kind == RegistryKind.UNITY_CATALOG ? name.replace('.', '/') : RestCalls.encoded(name);
    return form.formatted(rest.endpoint().base(), path, version);
  }

  private static <T> Optional<T> unlessMissing(Supplier<T> look) {
    try {
      return Optional.of(look.get());
    } catch (MlflowException e) {
      if (e.has(MISSING)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  protected static ObjectNode named(String name) {
    return RestCalls.JSON.createObjectNode().put("name", name);
  }

  protected static ObjectNode versioned(String name, String version) {
    return named(name).put("version", version);
  }

  // the filter language has no escape; RegistrySettings refuses a name with both kinds of quotes
  private static String quoted(String text) {
    return text.contains("'") ? "\"" + text + "\"" : "'" + text + "'";
  }
}
