package sparkmlflow.databricks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import sparkmlflow.DatabricksSettings;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.wire.RestCalls;

/**
 * A Databricks workspace as MLflow 3.17.2 and Databricks' Python SDK 0.156 use it: runs and their
 * files, the Files API, signed URLs, both registries. It requires the token in each call, answers
 * refusals in the form that they expect, and records every request. {@code PythonOnTheStandInIT}
 * holds it to MLflow's own client.
 */
public final class StandInWorkspace implements AutoCloseable {

  /** What differs from workspace to workspace. */
  public enum Feature {
    FILES_API,
    FILES_API_PARTS,
    MODELS_IN_FILES_API,
    DEFAULT_STORAGE,
    AWS_BUCKET,
    GOOGLE_BUCKET
  }

  public static final String WORKSPACE_ID = "4711";

  /** So that three files need two calls. */
  private static final int PAGE = 2;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ScriptedServer server = ScriptedServer.start();
  private final Map<String, byte[]> files = new ConcurrentSkipListMap<>();
  private final StandInStorage storage = new StandInStorage(files);
  private final StandInBuckets buckets = new StandInBuckets(files, storage::keep);
  private final StandInRegistry registry = new StandInRegistry();
  private final StandInLoggedModels loggedModels = new StandInLoggedModels();
  private final StandInRuns runs = new StandInRuns(loggedModels);
  private final StandInUnityCatalog catalog;
  private final Set<Feature> features;
  private final StandInLogins logins = new StandInLogins();
  private volatile boolean saysUser = true;
  private final String kind;

  /**
   * A workspace.
   *
   * @param kind of its signed addresses, under Databricks' names
   */
  public StandInWorkspace(String kind, Feature... features) {
    this.kind = kind;
    this.features = EnumSet.noneOf(Feature.class);
    this.features.addAll(List.of(features));
    this.catalog = new StandInUnityCatalog(this.features, storage, buckets);
    server.otherwise(this::answer);
  }

  public URI uri() {
    return server.uri();
  }

  public DatabricksSettings login() {
    return new DatabricksSettings(uri().toString(), TestSettings.TOKEN, "", "", "", "", "");
  }

  /** Everything it was asked; the storage's requests are not among them. */
  public List<ScriptedServer.Request> requests() {
    return server.requests();
  }

  /** What was asked of the storage. */
  public List<ScriptedServer.Request> storageRequests() {
    return Stream.of(storage.requests(), buckets.requests()).flatMap(List::stream).toList();
  }

  /** Method, path and query of everything it was asked, in the order of asking. */
  public List<String> asked() {
    return log(server.requests());
  }

  /** What was asked of the storage behind it, a line each, without signatures. */
  public List<String> askedOfStorage() {
    return log(storageRequests());
  }

  /** Every file by its path in the Files API. */
  public Set<String> paths() {
    return files.keySet();
  }

  /** Method, path and query of each request, without signatures. */
  public static List<String> log(List<ScriptedServer.Request> requests) {
    return requests.stream()
        .map(
            request ->
                request.method()
                    + " "
                    + request.path()
                    + (request.query().isEmpty() ? "" : "?" + request.query()))
        .map(
            line ->
                line.replaceAll("(sv=1&sig|X-Amz-[A-Za-z-]*)=[^&]*&?", "").replaceAll("[?&]$", ""))
        .toList();
  }

  /** What the environment of a job says that calls as the service principal. */
  public static Map<String, String> principal() {
    return StandInLogins.principal();
  }

  /** The same for somebody who may read in the catalog, and no more. */
  public static Map<String, String> reader() {
    return StandInLogins.reader();
  }

  /** The same for a person with a token, who may do everything. */
  public static Map<String, String> person() {
    return StandInLogins.person();
  }

  /** How many versions of a model there are in the catalog. */
  public int versions(String model) {
    return catalog.versions(model).size();
  }

  public StandInBuckets buckets() {
    return buckets;
  }

  public StandInStorage storage() {
    return storage;
  }

  StandInRegistry registry() {
    return registry;
  }

  /** Loses every run for good, with its files. */
  public void forgetRuns() {
    runs.forget();
    files.keySet().removeIf(path -> path.startsWith("/WorkspaceInternal/"));
  }

  /** Does not say who is logged in. */
  public void forgetUser() {
    saysUser = false;
  }

  /** The number of the champion: by its alias in the catalog, by its stage elsewhere. */
  public String role(String model, boolean inCatalog) {
    return inCatalog ? catalog.alias(model, "champion") : registry.inStage(model, "Production");
  }

  public StandInUnityCatalog catalog() {
    return catalog;
  }

  /** Every file by its path in the Files API. */
  public Map<String, byte[]> files() {
    return files;
  }

  public static String folder(String runId) {
    return "/WorkspaceInternal/Mlflow/Artifacts/7/Runs/" + runId + "/artifacts/";
  }

  static String artifactUri(String runId) {
    return "dbfs:/databricks/mlflow-tracking/7/" + runId + "/artifacts";
  }

  private void answer(HttpExchange exchange, ScriptedServer.Request request) throws IOException {
    if (request.path().startsWith("/oidc/")) {
      (request.path().equals("/oidc/v1/token") ? logins.token(request) : ScriptedServer.html(404))
          .to(exchange, request);
      return;
    }
    String user = logins.user(request);
    if (user.isEmpty()) {
      ScriptedServer.error(401, "UNAUTHENTICATED", "no login").to(exchange, request);
      return;
    }
    exchange.getResponseHeaders().set("x-databricks-org-id", WORKSPACE_ID);
    reply(user, request).to(exchange, request);
  }

  private ScriptedServer.Reply reply(String user, ScriptedServer.Request request) {
    String path = URLDecoder.decode(request.path(), StandardCharsets.UTF_8);
    Map<String, String> query = StandInStorage.query(request.query());
    if (path.startsWith("/api/2.0/fs/")) {
      return filesApi(request, path.substring("/api/2.0/fs/".length()), query);
    }
    if (path.startsWith("/api/2.0/mlflow/unity-catalog/")) {
      return catalog.reply(
          user,
          request.method(),
          path.substring("/api/2.0/mlflow/unity-catalog/".length()),
          query,
          body(request));
    }
    if (path.equals("/api/2.0/preview/scim/v2/Me") && saysUser) {
      return json(JSON.createObjectNode().put("userName", user));
    }
    if (!path.startsWith("/api/2.0/mlflow/")) {
      return ScriptedServer.html(404);
    }
    String call = request.method() + " " + path.substring("/api/2.0/mlflow/".length());
    JsonNode body = body(request);
    return switch (call) {
      case "GET artifacts/list" ->
          list(query.getOrDefault("run_id", ""), query.getOrDefault("path", ""));
      case "POST artifacts/credentials-for-write", "POST artifacts/credentials-for-read" ->
          addresses(body);
      case "POST artifacts/create-multipart-upload" -> beginParts(body);
      case "POST artifacts/complete-multipart-upload" ->
          storage.complete(
                  folder(body.path("run_id").asText()) + body.path("path").asText(),
                  body.path("part_etags").size())
              ? ScriptedServer.json("{}")
              : ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "a part is missing");
      case "GET artifacts/get-presigned-upload-part-url" ->
          json(
              JSON.createObjectNode()
                  .set(
                      "upload_credential_info",
                      part(
                          query.getOrDefault("run_id", ""),
                          query.getOrDefault("path", ""),
                          query.getOrDefault("part_number", ""))));
      default ->
          path.contains("/logged-models")
              ? loggedModels.reply(call, body)
              : path.contains("registered-models") || path.contains("model-versions")
                  ? registry.reply(call, query, body)
                  : runs.reply(call, query, body);
    };
  }

  private static JsonNode body(ScriptedServer.Request request) {
    try {
      return request.body().startsWith("{")
          ? JSON.readTree(request.body())
          : JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }

  private ScriptedServer.Reply list(String runId, String path) {
    String folder = folder(runId) + (path.isEmpty() ? "" : path + "/");
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("files");
    Set<String> folders = new TreeSet<>();
    files.forEach(
        (name, content) -> {
          if (name.startsWith(folder)) {
            String rest = name.substring(folder.length());
            int slash = rest.indexOf('/');
            String below = (path.isEmpty() ? "" : path + "/");
            if (slash < 0) {
              list.addObject()
                  .put("path", below + rest)
                  .put("is_dir", false)
                  .put("file_size", content.length);
            } else if (folders.add(rest.substring(0, slash))) {
              list.addObject().put("path", below + rest.substring(0, slash)).put("is_dir", true);
            }
          }
        });
    return json(answer);
  }

  private ScriptedServer.Reply addresses(JsonNode body) {
    int from = body.path("page_token").asInt(0);
    JsonNode paths = body.path("path");
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode infos = answer.putArray("credential_infos");
    for (int at = from; at < Math.min(from + PAGE, paths.size()); at++) {
      String path = paths.path(at).asText();
      ObjectNode info =
          infos
              .addObject()
              .put("run_id", body.path("run_id").asText())
              .put("path", path)
              .put("type", kind)
              .put(
                  "signed_uri",
                  storage
                      .address(
                          kind, RestCalls.encodedPath(folder(body.path("run_id").asText()) + path))
                      .toString());
      ArrayNode headers = info.putArray("headers");
      headers.addObject().put("name", "x-signed-header").put("value", "as-given");
      headers.addObject().put("name", "x-ms-blob-content-type").put("value", "text/plain");
      headers.addObject().put("name", "Host").put("value", "as-signed");
    }
    if (from + PAGE < paths.size()) {
      answer.put("next_page_token", String.valueOf(from + PAGE));
    }
    return json(answer);
  }

  private ScriptedServer.Reply beginParts(JsonNode body) {
    String runId = body.path("run_id").asText();
    String path = body.path("path").asText();
    ObjectNode answer = JSON.createObjectNode().put("upload_id", "u1");
    ArrayNode infos = answer.putArray("upload_credential_infos");
    for (int number = 1; number <= body.path("num_parts").asInt(); number++) {
      infos.add(part(runId, path, String.valueOf(number)));
    }
    answer.set("abort_credential_info", part(runId, path, "0"));
    return json(answer);
  }

  private ObjectNode part(String runId, String path, String number) {
    ObjectNode info =
        JSON.createObjectNode()
            .put("run_id", runId)
            .put("path", path)
            .put("type", kind)
            .put(
                "signed_uri",
                storage.address(kind, RestCalls.encodedPath(folder(runId) + path))
                    + "&uploadId=u1&partNumber="
                    + number);
    info.putArray("headers").addObject().put("name", "x-signed-header").put("value", "as-given");
    return info;
  }

  private ScriptedServer.Reply filesApi(
      ScriptedServer.Request request, String call, Map<String, String> query) {
    JsonNode body = body(request);
    String path = call.startsWith("files") ? call.substring("files".length()) : "";
    if (call.startsWith("directories/")) {
      return directory(call.substring("directories".length()));
    }
    if (call.equals("create-upload-url")) {
      return features.contains(Feature.DEFAULT_STORAGE)
          ? json(address(body.path("path").asText(), ""))
          : ScriptedServer.error(403, "PERMISSION_DENIED", "FILES_API_API_IS_NOT_ENABLED");
    }
    if (call.equals("create-download-url")) {
      // Databricks' SDK names the path in the query, MLflow in the body
      return features.contains(Feature.DEFAULT_STORAGE)
          ? json(address(body.path("path").asText(query.getOrDefault("path", "")), ""))
          : ScriptedServer.error(403, "PERMISSION_DENIED", "FILES_API_API_IS_NOT_ENABLED");
    }
    if (call.startsWith("create-")) {
      return parts(call, body);
    }
    if (!isOpen(path)) {
      return ScriptedServer.error(403, "PERMISSION_DENIED", "not enabled in this workspace");
    }
    String action = query.getOrDefault("action", "");
    if (action.equals("initiate-upload")) {
      return features.contains(Feature.FILES_API_PARTS)
          ? ScriptedServer.json("{\"multipart_upload\": {\"session_token\": \"s/1\"}}")
          : ScriptedServer.json("{\"resumable_upload\": {\"session_token\": \"s/1\"}}");
    }
    if (action.equals("complete-upload")) {
      return "s/1".equals(query.get("session_token"))
              && storage.complete(path, body.path("parts").size())
          ? ScriptedServer.text(200, "application/json", "", Map.of())
          : ScriptedServer.error(400, "INVALID_PARAMETER_VALUE", "a part is missing");
    }
    if (request.method().equals("GET")) {
      byte[] found = files.get(path);
      return found == null
          ? ScriptedServer.error(404, "NOT_FOUND", "no file")
          : StandInStorage.bytes(found);
    }
    if (!"true".equals(query.get("overwrite")) && files.containsKey(path)) {
      return ScriptedServer.error(409, "ALREADY_EXISTS", "the file exists");
    }
    storage.keep(path, StandInStorage.content(request));
    return ScriptedServer.text(204, "application/json", "", Map.of());
  }

  private boolean isOpen(String path) {
    return path.startsWith("/Models/")
        ? features.contains(Feature.MODELS_IN_FILES_API)
        : features.contains(Feature.FILES_API);
  }

  private ScriptedServer.Reply parts(String call, JsonNode body) {
    String path = body.path("path").asText();
    if (call.equals("create-upload-part-urls")) {
      ObjectNode answer = JSON.createObjectNode();
      answer
          .putArray("upload_part_urls")
          .add(
              address(path, "&partNumber=" + body.path("start_part_number").asText())
                  .put("part_number", body.path("start_part_number").asInt()));
      return json(answer);
    }
    return json(JSON.createObjectNode().set("abort_upload_url", address(path, "&partNumber=0")));
  }

  private ObjectNode address(String path, String query) {
    ObjectNode address =
        JSON.createObjectNode()
            .put("url", storage.address("AWS_PRESIGNED_URL", RestCalls.encodedPath(path)) + query);
    address.putArray("headers").addObject().put("name", "x-signed-header").put("value", "as-given");
    return address;
  }

  private ScriptedServer.Reply directory(String path) {
    Map<String, Long> entries = new TreeMap<>();
    files.forEach(
        (name, content) -> {
          if (name.startsWith(path + "/")) {
            String rest = name.substring(path.length() + 1);
            int slash = rest.indexOf('/');
            entries.put(
                slash < 0 ? rest : rest.substring(0, slash),
                slash < 0 ? (long) content.length : -1L);
          }
        });
    if (entries.isEmpty()) {
      return ScriptedServer.error(404, "NOT_FOUND", "no directory");
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode contents = answer.putArray("contents");
    entries.forEach(
        (name, size) -> {
          ObjectNode entry =
              contents.addObject().put("path", path + "/" + name).put("is_directory", size < 0);
          if (size >= 0) {
            entry.put("file_size", size);
          }
        });
    return json(answer);
  }

  static ScriptedServer.Reply json(JsonNode answer) {
    return ScriptedServer.json(answer.toString());
  }

  @Override
  public void close() {
    server.close();
    storage.close();
    buckets.close();
  }
}
