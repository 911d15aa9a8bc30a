package sparkmlflow.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.tracking.LoggedModels;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;

/**
 * The registry of an MLflow server, or of a Databricks workspace, which has the same calls except
 * for aliases. A version only points to files: {@code source} is the run's artifact folder, or the
 * logged model with its own copy of it.
 *
 * <p>mlflow-client is not used here: it has no calls that change a version, does not return the
 * stage and reads only the first page of a search.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">MLflow's REST API</a>
 */
public class ServerRegistryCalls implements RegistryCalls {

  private static final Logger LOG = LoggerFactory.getLogger(ServerRegistryCalls.class);

  protected final RestCalls rest;
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
    return RestCalls.unlessMissing(
        () ->
            modelIn(operation, rest.get(operation, "registered-models/get", Map.of("name", name))));
  }

  @Override
  public void ensureModel(String name) {
    MlflowException hidden = null;
    // a login that may add versions need not have the right to create models
    try {
      if (model(name).isPresent()) {
        return;
      }
    } catch (MlflowException e) {
      // a login that may create models need not see which there are
      if (e.status().orElse(0) != 403) {
        throw e;
      }
      hidden = e;
    }
    try {
      rest.post("create registered model " + name, "registered-models/create", named(name));
    } catch (MlflowException e) {
      // another client may have created it meanwhile
      if (!e.has("RESOURCE_ALREADY_EXISTS")) {
        boolean refused = e.outlook() == MlflowException.Outlook.FINAL;
        throw hidden != null && refused ? hidden : e;
      }
      if (hidden != null) {
        // fails again, unless an attempt of this call made the model
        model(name);
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
    return RestCalls.unlessMissing(() -> version(name, version));
  }

  @Override
  public ModelVersion version(String name, String version) {
    String operation = "look up version " + version + " of " + name;
    JsonNode answer =
        rest.get(operation, "model-versions/get", Map.of("name", name, "version", version));
    return versionIn(operation, answer.path("model_version"));
  }

  @Override
  public Optional<ModelVersion> versionOf(String name, VerifiedFolder folder) {
    String runId = folder.runId();
    // an adopted run may already have a version made from another folder
    return search(
            "look for the version of " + name + " made from run " + runId,
            "name = " + quoted(name) + " and run_id = '" + runId + "'")
        .stream()
        .filter(version -> hasSource(version, folder) || isOfRun(version, folder))
        .filter(version -> version.status() != ModelVersion.Status.FAILED)
        .findFirst();
  }

  protected static boolean hasSource(ModelVersion version, VerifiedFolder folder) {
    return version.source().replaceAll("/+$", "").equals(folder.uri());
  }

  /** An earlier release, or a server that refused the logged model, took the run's copy. */
  private static boolean isOfRun(ModelVersion version, VerifiedFolder folder) {
    return hasSource(version, folder.ofRun())
        && version.tag(MlflowTags.FILES_DIGEST).equals(Optional.of(folder.digest()));
  }

  /** Newest first. */
  protected List<ModelVersion> search(String operation, String filter) {
    List<ModelVersion> found = new ArrayList<>();
    rest.pages(
        operation,
        "model-versions/search",
        Map.of("filter", filter, "max_results", "200"),
        "model_versions",
        node -> found.add(versionIn(operation, node)));
    found.sort(Comparator.comparingLong(ModelVersion::number).reversed());
    return found;
  }

  @Override
  public ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags) {
    ObjectNode body = newVersion(name, folder, description, tags);
    // the server then shows the version on the model's page
    Optional<String> model = LoggedModels.idIn(folder.uri());
    model.ifPresent(id -> body.put("model_id", id));
    try {
      return created(name, body, () -> versionOf(name, folder));
    } catch (MlflowException e) {
      // MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX may allow the run's copy alone
      if (model.isEmpty() || !e.has("INVALID_PARAMETER_VALUE")) {
        throw e;
      }
      LOG.warn("{} The version is made from the run's copy of the files.", e.getMessage());
      return createVersion(name, folder.ofRun(), description, tags);
    }
  }

  protected static ObjectNode newVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags) {
    ObjectNode body =
        named(name)
            .put("source", folder.uri())
            .put("run_id", folder.runId())
            .put("description", description);
    TrackingCalls.pairs(body.putArray("tags"), tags.entrySet());
    return body;
  }

  /** Creates a version; after a lost answer it uses {@code find} before it creates another one. */
  protected ModelVersion created(
      String name, ObjectNode body, Supplier<Optional<ModelVersion>> find) {
    String operation = "create a version of registered model " + name;
    return rest.retrier()
        .create(
            () ->
                versionIn(
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
    // the registry takes one tag per call
    tags.forEach(
        (key, value) ->
            rest.post(
                "set tag " + key + " of version " + version + " of " + name,
                "model-versions/set-tag",
                versioned(name, version).put("key", key).put("value", value)));
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
    String operation = "point alias " + alias + " of " + name + " to version " + version;
    if (kind == RegistryKind.DATABRICKS_WORKSPACE) {
      // MLflow's client refuses it too, without a call (databricks_workspace_model_registry)
      throw MlflowException.refused(
          operation,
          "a Databricks workspace registry has stages and no aliases. Set the lifecycle to stages, or the registry to databricks-uc.");
    }
    ObjectNode body = named(name).put("alias", alias).put("version", version);
    try {
      rest.post(operation, "registered-models/alias", body);
    } catch (MlflowException e) {
      // MLflow's server looks for the alias and then inserts it. If two jobs set a new alias at the
      // same time, its database rejects the second insert; a repeat finds the alias.
      if (!e.has("BAD_REQUEST")) {
        throw e;
      }
      rest.post(operation, "registered-models/alias", body);
    }
  }

  @Override
  public void deleteAlias(String name, String alias) {
    delete(
        "delete alias " + alias + " of " + name,
        "registered-models/alias",
        named(name).put("alias", alias));
  }

  @Override
  public void moveToStage(String name, String version, String stage) {
    String operation = "move version " + version + " of " + name + " to stage " + stage;
    if (kind == RegistryKind.UNITY_CATALOG) {
      throw MlflowException.refused(
          operation, "Unity Catalog has aliases and no stages. Set the lifecycle to aliases.");
    }
    rest.post(
        operation,
        "model-versions/transition-stage",
        versioned(name, version)
            .put("stage", stage)
            // the server accepts true only for the two other stages
            .put("archive_existing_versions", !stage.equals("Archived")));
  }

  @Override
  public void delete(String name, String version) {
    delete(
        "delete version " + version + " of " + name,
        "model-versions/delete",
        versioned(name, version));
  }

  private void delete(String operation, String path, ObjectNode body) {
    try {
      rest.send(operation, "DELETE", path, body);
    } catch (MlflowException e) {
      // a repeat of this call gets it too
      if (!e.has(RestCalls.MISSING)) {
        throw e;
      }
    }
  }

  @Override
  public String url(String name, String version) {
    // in a workspace as MLflow's Python prints it (utils/databricks_utils.py)
    String path = "models/%s/versions/%s".formatted(RestCalls.encoded(name), version);
    return switch (kind) {
      case MLFLOW_SERVER -> rest.endpoint().page(path);
      case DATABRICKS_WORKSPACE -> rest.endpoint().base() + "/#mlflow/" + path;
      case UNITY_CATALOG ->
          "%s/explore/data/models/%s/version/%s"
              .formatted(rest.endpoint().base(), name.replace('.', '/'), version);
    };
  }

  private static RegisteredModel modelIn(String operation, JsonNode answer) {
    JsonNode node = answer.path("registered_model");
    Answers.text(operation, node, "name");
    Map<String, String> aliases = new LinkedHashMap<>();
    for (JsonNode entry : node.path("aliases")) {
      aliases.put(
          Answers.text(operation, entry, "alias"), Answers.text(operation, entry, "version"));
    }
    return new RegisteredModel(aliases, Answers.texts(operation, node.path("tags")));
  }

  /** The version in an answer; it may lack a run, a source, a stage and texts. */
  protected static ModelVersion versionIn(String operation, JsonNode node) {
    List<String> aliases = new ArrayList<>();
    for (JsonNode alias : node.path("aliases")) {
      // an object in Unity Catalog, as in a model
      aliases.add(alias.isObject() ? Answers.text(operation, alias, "alias") : alias.asText());
    }
    return new ModelVersion(
        Answers.text(operation, node, "name"),
        Answers.text(operation, node, "version"),
        switch (Answers.text(operation, node, "status")) {
          case "READY" -> ModelVersion.Status.READY;
          case "FAILED_REGISTRATION" -> ModelVersion.Status.FAILED;
          default -> ModelVersion.Status.PENDING;
        },
        node.path("status_message").asText(),
        aliases,
        node.path("current_stage").asText("None"),
        node.path("source").asText(),
        node.path("run_id").asText(),
        node.path("description").asText(),
        Answers.texts(operation, node.path("tags")),
        Instant.ofEpochMilli(Answers.number(operation, node, "creation_timestamp")));
  }

  private static ObjectNode named(String name) {
    return RestCalls.JSON.createObjectNode().put("name", name);
  }

  protected static ObjectNode versioned(String name, String version) {
    return named(name).put("version", version);
  }

  // the filter language has no escapes; RegistrySettings rejects names with both kinds of quotes
  private static String quoted(String text) {
    return text.contains("'") ? "\"" + text + "\"" : "'" + text + "'";
  }
}
