package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sparkmlflow.ScriptedServer;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.databricks.StandInWorkspace.Feature;

/**
 * Unity Catalog's models in a workspace: names of three levels, aliases and no stages, versions
 * that stay pending until their files were brought and they are finalised. Everybody may read;
 * whoever made a model, and nobody else, may change it and its versions.
 */
public final class StandInUnityCatalog {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern RESERVED = Pattern.compile("[.,\\-=/:]");
  private static final Pattern FILTER = Pattern.compile("name = '([^']*)'");

  private final Set<Feature> features;
  private final StandInStorage storage;
  private final Map<String, Map<String, ObjectNode>> models = new LinkedHashMap<>();
  private final Map<String, String> owners = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> aliases = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> tags = new LinkedHashMap<>();
  private final StandInBuckets buckets;
  private volatile String credentials;
  private volatile boolean finalizeFails;
  private int numbers;

  StandInUnityCatalog(Set<Feature> features, StandInStorage storage, StandInBuckets buckets) {
    this.features = features;
    this.storage = storage;
    this.buckets = buckets;
    this.credentials =
        features.contains(Feature.AWS_BUCKET)
            ? "aws_temp_credentials"
            : features.contains(Feature.GOOGLE_BUCKET)
                ? "gcp_oauth_token"
                : "azure_user_delegation_sas";
  }

  /** Which credentials it vends where the storage is the customer's. */
  public void vend(String field) {
    credentials = field;
  }

  /** Answers each finalising with a refusal. */
  public void refuseToFinalize() {
    finalizeFails = true;
  }

  /** A version as a job leaves it that is ended before it has brought the files. */
  public synchronized void leaveHalfMade(String name, VerifiedFolder folder) {
    ObjectNode body =
        JSON.createObjectNode()
            .put("source", folder.uri())
            .put("run_id", folder.runId())
            .put("run_tracking_server_id", StandInWorkspace.WORKSPACE_ID);
    create(name, models.computeIfAbsent(name, key -> new TreeMap<>()), body);
  }

  /** The versions of a model by their numbers. */
  public synchronized Map<String, ObjectNode> versions(String name) {
    return models.getOrDefault(name, Map.of());
  }

  synchronized String alias(String name, String alias) {
    return aliases(name).getOrDefault(alias, "");
  }

  private Map<String, String> aliases(String name) {
    return aliases.computeIfAbsent(name, key -> new TreeMap<>());
  }

  private Map<String, String> modelTags(String name) {
    return tags.computeIfAbsent(name, key -> new TreeMap<>());
  }

  synchronized ScriptedServer.Reply reply(
      String user, String method, String path, Map<String, String> query, JsonNode body) {
    String call = method + " " + path;
    if (call.equals("GET registered-models:is-databricks-sdk-models-artifact-repository-enabled")) {
      return StandInWorkspace.json(
          JSON.createObjectNode()
              .put(
                  "is_databricks_sdk_models_artifact_repository_enabled",
                  features.contains(Feature.MODELS_IN_FILES_API)));
    }
    if (call.equals("GET model-versions/search")) {
      return search(query.getOrDefault("filter", ""), query.getOrDefault("page_token", "0"));
    }
    String name = body.path("name").asText(query.getOrDefault("name", ""));
    if (name.split("\\.", -1).length != 3) {
      return ScriptedServer.error(
          400, "INVALID_PARAMETER_VALUE", "'" + name + "' is not a name of three levels");
    }
    if (call.equals("POST registered-models/create")) {
      if (user.equals(StandInLogins.READER)) {
        return ScriptedServer.error(
            403, "PERMISSION_DENIED", "User does not have CREATE MODEL on Schema");
      }
      owners.putIfAbsent(name, user);
      if (models.putIfAbsent(name, new TreeMap<>()) != null) {
        return ScriptedServer.error(400, "RESOURCE_ALREADY_EXISTS", name);
      }
      return ScriptedServer.json("{\"registered_model\": {\"name\": \"" + name + "\"}}");
    }
    Map<String, ObjectNode> versions = models.get(name);
    if (versions == null) {
      return ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no model " + name);
    }
    boolean reads =
        method.equals("GET")
            || body.path("operation").asText().equals("MODEL_VERSION_OPERATION_READ");
    if (!reads && !user.equals(owners.getOrDefault(name, user))) {
      return ScriptedServer.error(
          403, "PERMISSION_DENIED", "User is not an owner of Model '" + name + "'");
    }
    return call.contains(" registered-models/")
        ? model(call, name, query, body)
        : version(call, name, versions, query, body);
  }

  private ScriptedServer.Reply model(
      String call, String name, Map<String, String> query, JsonNode body) {
    String alias = body.path("alias").asText(query.getOrDefault("alias", ""));
    switch (call) {
      case "GET registered-models/get" -> {
        ObjectNode model = JSON.createObjectNode().put("name", name);
        ArrayNode list = model.putArray("aliases");
        ArrayNode tags = model.putArray("tags");
        modelTags(name)
            .forEach((key, value) -> tags.addObject().put("key", key).put("value", value));
        aliases(name).forEach((key, to) -> list.addObject().put("alias", key).put("version", to));
        return StandInWorkspace.json(JSON.createObjectNode().set("registered_model", model));
      }
      case "POST registered-models/alias" -> {
        ObjectNode version = versions(name).get(body.path("version").asText());
        if (version == null || !version.path("status").asText().equals("READY")) {
          return ScriptedServer.error(400, "INVALID_STATE", "the version is not ready");
        }
        aliases(name).put(alias, body.path("version").asText());
      }
      case "GET registered-models/alias" -> {
        ObjectNode version = versions(name).get(aliases(name).getOrDefault(alias, ""));
        // MLflow's Python takes this code for a missing alias
        return version == null
            ? ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no alias " + alias)
            : shown(name, version);
      }
      case "DELETE registered-models/alias" -> aliases(name).remove(alias);
      case "POST registered-models/set-tag" ->
          modelTags(name).put(body.path("key").asText(), body.path("value").asText());
      case "DELETE registered-models/delete-tag" ->
          modelTags(name).remove(body.path("key").asText());
      default -> {
        return ScriptedServer.error(404, "ENDPOINT_NOT_FOUND", call);
      }
    }
    return ScriptedServer.json("{}");
  }

  private ScriptedServer.Reply version(
      String call,
      String name,
      Map<String, ObjectNode> versions,
      Map<String, String> query,
      JsonNode body) {
    if (call.equals("POST model-versions/create")) {
      return create(name, versions, body);
    }
    String number = body.path("version").asText(query.getOrDefault("version", ""));
    ObjectNode version = versions.get(number);
    if (version == null) {
      return ScriptedServer.error(404, "RESOURCE_DOES_NOT_EXIST", "no version " + number);
    }
    switch (call) {
      case "GET model-versions/get" -> {
        return shown(name, version);
      }
      case "POST model-versions/generate-temporary-credentials" -> {
        return switch (body.path("operation").asText()) {
          case "MODEL_VERSION_OPERATION_READ" -> credentials(true);
          case "MODEL_VERSION_OPERATION_READ_WRITE" ->
              version.path("status").asText().equals("READY")
                  ? ScriptedServer.error(400, "INVALID_STATE", "the version is finished")
                  : credentials(false);
          default -> ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "operation");
        };
      }
      case "POST model-versions/finalize" -> {
        if (finalizeFails) {
          return ScriptedServer.error(400, "INVALID_STATE", "cannot finalise");
        }
        if (storage.hasNone(folder(name, number))) {
          return ScriptedServer.error(400, "INVALID_STATE", "the version has no files");
        }
        version.put("status", "READY");
        return shown(name, version);
      }
      case "POST model-versions/set-tag" -> {
        ArrayNode tags = version.withArray("tags").deepCopy();
        StandInRuns.keep(tags, JSON.createArrayNode().add(StandInRegistry.tag(body)));
        Optional<String> refused = refused(tags);
        if (refused.isPresent()) {
          return ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", refused.get());
        }
        version.set("tags", tags);
      }
      case "PATCH model-versions/update" ->
          version.put("description", body.path("description").asText());
      case "DELETE model-versions/delete" -> versions.remove(number);
      case "POST model-versions/emit-lineage" -> {}
      default -> {
        return ScriptedServer.error(404, "ENDPOINT_NOT_FOUND", call);
      }
    }
    return ScriptedServer.json("{}");
  }

  private ScriptedServer.Reply create(
      String name, Map<String, ObjectNode> versions, JsonNode body) {
    if (!body.path("run_tracking_server_id").asText("").equals(StandInWorkspace.WORKSPACE_ID)) {
      return ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "run_tracking_server_id");
    }
    Optional<String> refused = refused(body.path("tags"));
    if (refused.isPresent()) {
      return ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", refused.get());
    }
    numbers++;
    String number = String.valueOf(numbers);
    ObjectNode version = JSON.createObjectNode().put("name", name).put("version", number);
    version.put("source", body.path("source").asText());
    version.put("run_id", body.path("run_id").asText());
    version.put("description", body.path("description").asText());
    version
        .put("status", "PENDING_REGISTRATION")
        .put("creation_timestamp", System.currentTimeMillis());
    version.put(
        "storage_location",
        isBucket()
            ? buckets.location(credentials, folder(name, number))
            : "abfss://AZURE_ADLS_GEN2_SAS_URI@%s%s"
                .formatted(storage.authority(), folder(name, number)));
    version.set("tags", body.path("tags"));
    versions.put(number, version);
    return shown(name, version);
  }

  /** Why a version cannot have these tags, by Databricks' page on tags in Unity Catalog. */
  private static Optional<String> refused(JsonNode tags) {
    if (tags.size() > 50) {
      return Optional.of("more than 50 tags");
    }
    for (JsonNode tag : tags) {
      String key = tag.path("key").asText();
      if (RESERVED.matcher(key).find()) {
        return Optional.of(
            "Tag name " + key + " contains one or more of the reserved characters: . , - = / :");
      }
      if (key.length() > 255 || tag.path("value").asText().length() > 1000) {
        return Optional.of("tag " + key + " is too long");
      }
    }
    return Optional.empty();
  }

  public static String folder(String name, String version) {
    return "/Models/" + name.replace('.', '/') + "/" + version;
  }

  private ScriptedServer.Reply shown(String name, ObjectNode version) {
    ObjectNode now = version.deepCopy();
    ArrayNode list = now.putArray("aliases");
    aliases(name)
        .forEach(
            (alias, to) -> {
              if (to.equals(version.path("version").asText())) {
                list.addObject().put("alias", alias).put("version", to);
              }
            });
    return StandInWorkspace.json(JSON.createObjectNode().set("model_version", now));
  }

  private boolean isBucket() {
    return Set.of("aws_temp_credentials", "gcp_oauth_token").contains(credentials);
  }

  private ScriptedServer.Reply credentials(boolean readOnly) {
    ObjectNode vended = JSON.createObjectNode();
    vended.put(
        "storage_mode",
        features.contains(Feature.DEFAULT_STORAGE) ? "DEFAULT_STORAGE" : "CUSTOMER_HOSTED");
    if (isBucket()) {
      buckets.vend(vended, credentials, readOnly);
    } else {
      vended
          .putObject(credentials)
          .put("sas_token", readOnly ? storage.readOnlySignature() : storage.sharedSignature())
          .put("secret_key", "secret-that-nobody-may-see");
    }
    return StandInWorkspace.json(JSON.createObjectNode().set("credentials", vended));
  }

  private ScriptedServer.Reply search(String filter, String page) {
    Matcher matcher = FILTER.matcher(filter);
    if (!matcher.matches()) {
      return ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "one condition only: " + filter);
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode found = answer.putArray("model_versions");
    int from = Integer.parseInt(page);
    int at = 0;
    for (ObjectNode version : versions(matcher.group(1)).values()) {
      if (at++ == from) {
        // without aliases and tags, as MLflow expects of the real search
        found.add(version.deepCopy().without("tags"));
        if (at < versions(matcher.group(1)).size()) {
          answer.put("next_page_token", String.valueOf(at));
        }
      }
    }
    return StandInWorkspace.json(answer);
  }
}
