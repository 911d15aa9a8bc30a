package testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import testing.ServerKind.Option;

/**
 * A real {@code mlflow server} on 127.0.0.1 with its stores below {@code target/}, one for all
 * tests of the JVM; it ends with the JVM.
 *
 * <p>Its Python environment is that of {@link PythonEnv}, unless its {@link ServerKind} asks for
 * another. One worker, no job runner and no telemetry: that starts in seconds.
 */
public final class MlflowServer {

  /** The account of the tests where the server demands a login; it has no rights of an admin. */
  private static final Map<String, String> ADA =
      Map.of("username", "ada", "password", "ada's password 1");

  private static final String ADMIN_PASSWORD = "the admin's password 1";
  private static final String WORKSPACE = "team-a";
  private static final String PREFIX = "/team/mlflow";

  private static final Duration START_BOUND = Duration.ofMinutes(3);
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static @Nullable MlflowServer special;
  private static @Nullable EmbeddedPostgres postgres;

  private final ServerKind kind;
  private final URI uri;
  private final Path folder;
  private final Process process;

  private MlflowServer(ServerKind kind, URI uri, Path folder, Process process) {
    this.kind = kind;
    this.uri = uri;
    this.folder = folder;
    this.process = process;
  }

  /** The server that takes artifacts itself: {@code --serve-artifacts}. */
  public static MlflowServer serving() {
    return Serving.SERVER;
  }

  /**
   * The server whose clients write artifacts into a shared folder: {@code --no-serve-artifacts}.
   */
  public static MlflowServer sharingFolder() {
    return SharingFolder.SERVER;
  }

  /**
   * A server that takes artifacts itself. Of those that are not {@link ServerKind#USUAL}, the one
   * before it is ended.
   */
  public static synchronized MlflowServer of(ServerKind kind) {
    if (kind.equals(ServerKind.USUAL)) {
      return serving();
    }
    if (special == null || !special.kind.equals(kind)) {
      if (special != null) {
        stop(special.process);
      }
      special = start(kind, "serving");
    }
    return special;
  }

  /** Its address. */
  public URI uri() {
    return uri;
  }

  /** Where its artifacts lie. */
  public Path artifacts() {
    return folder.resolve("artifacts");
  }

  /** The variables with which MLflow's clients and the job find this server and log in. */
  public Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("MLFLOW_TRACKING_URI", uri.toString());
    if (kind.has(Option.BASIC_AUTH)) {
      environment.put("MLFLOW_TRACKING_USERNAME", ADA.get("username"));
      environment.put("MLFLOW_TRACKING_PASSWORD", ADA.get("password"));
    }
    if (kind.has(Option.WORKSPACES)) {
      environment.put("MLFLOW_WORKSPACE", WORKSPACE);
    }
    return environment;
  }

  /** The answer to a GET below {@code /api/2.0/mlflow/}, with names and values of its query. */
  public JsonNode get(String path, String... query) throws IOException {
    String parameters =
        IntStream.range(0, query.length / 2)
            .mapToObj(
                i ->
                    query[2 * i]
                        + "="
                        + URLEncoder.encode(query[2 * i + 1], StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return answer(call("/api/2.0/mlflow/" + path + "?" + parameters, ADA));
  }

  /** The answer to a POST below {@code /api/2.0/mlflow/}. */
  public JsonNode post(String path, Object body) throws IOException {
    return post("/api/2.0/mlflow/" + path, body, ADA);
  }

  private JsonNode post(String path, Object body, Map<String, String> login) throws IOException {
    HttpURLConnection call = call(path, login);
    call.setRequestMethod("POST");
    call.setDoOutput(true);
    call.setRequestProperty("Content-Type", "application/json");
    JSON.writeValue(call.getOutputStream(), body);
    return answer(call);
  }

  private HttpURLConnection call(String path, Map<String, String> login) throws IOException {
    HttpURLConnection call = (HttpURLConnection) URI.create(uri + path).toURL().openConnection();
    if (kind.has(Option.BASIC_AUTH)) {
      String text = login.get("username") + ":" + login.get("password");
      call.setRequestProperty(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }
    // the server refuses every call in a workspace that is still to be made
    if (kind.has(Option.WORKSPACES) && !path.endsWith("/workspaces")) {
      call.setRequestProperty("X-MLFLOW-WORKSPACE", WORKSPACE);
    }
    return call;
  }

  private static JsonNode answer(HttpURLConnection call) throws IOException {
    try (InputStream body = call.getInputStream()) {
      return JSON.readTree(body);
    }
  }

  private static final class Serving {
    static final MlflowServer SERVER = start(ServerKind.USUAL, "serving");
  }

  private static final class SharingFolder {
    static final MlflowServer SERVER = start(ServerKind.USUAL, "sharing-folder");
  }

  private static MlflowServer start(ServerKind kind, String variant) {
    try {
      int port = freePort();
      Path folder =
          Files.createDirectories(
              Path.of("target", "mlflow-server", variant + "-" + port).toAbsolutePath());
      Path artifacts = Files.createDirectories(folder.resolve("artifacts"));
      Path bin = PythonEnv.server(kind).resolve("bin");
      List<String> command =
          new ArrayList<>(
              List.of(
                  bin.resolve("mlflow").toString(),
                  "server",
                  "--host",
                  "127.0.0.1",
                  "--port",
                  String.valueOf(port),
                  "--workers",
                  "1",
                  "--backend-store-uri",
                  store(kind, folder, "mlflow", port)));
      command.addAll(
          variant.equals("serving")
              ? List.of("--serve-artifacts", "--artifacts-destination", artifacts.toString())
              : List.of("--no-serve-artifacts", "--default-artifact-root", artifacts.toString()));
      Path log = folder.resolve("server.log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().keySet().removeIf(key -> key.startsWith("MLFLOW_"));
      builder.environment().merge("PATH", bin.toString(), (path, own) -> own + ":" + path);
      builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
      builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
      if (kind.has(Option.BASIC_AUTH)) {
        command.addAll(List.of("--app-name", "basic-auth"));
        Path accounts = folder.resolve("accounts.ini");
        Files.writeString(
            accounts,
            """
            [mlflow]
            default_permission = READ
            database_uri = %s
            admin_username = admin
            admin_password = %s
            authorization_function = mlflow.server.auth:authenticate_request_basic_auth
            """
                .formatted(store(kind, folder, "accounts", port), ADMIN_PASSWORD));
        builder.environment().put("MLFLOW_AUTH_CONFIG_PATH", accounts.toString());
        builder.environment().put("MLFLOW_FLASK_SERVER_SECRET_KEY", "of this test's server");
      }
      String prefix = kind.has(Option.STATIC_PREFIX) ? PREFIX : "";
      if (!prefix.isEmpty()) {
        command.addAll(List.of("--static-prefix", prefix));
      }
      if (kind.has(Option.WORKSPACES)) {
        command.add("--enable-workspaces");
      }
      Process process = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop-mlflow-server"));
      String root = "http://127.0.0.1:" + port;
      awaitHealth(root, prefix, process, log);
      URI uri = URI.create(root + (kind.hasApiUnderPrefix() ? prefix : ""));
      MlflowServer server = new MlflowServer(kind, uri, folder, process);
      server.prepare();
      return server;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("cannot start mlflow server " + kind, e);
    }
  }

  /** Makes the account and the workspace of the tests. */
  private void prepare() throws IOException {
    Map<String, String> admin = Map.of("username", "admin", "password", ADMIN_PASSWORD);
    if (kind.has(Option.WORKSPACES)) {
      post("/api/3.0/mlflow/workspaces", Map.of("name", WORKSPACE), admin);
    }
    if (kind.has(Option.BASIC_AUTH)) {
      post("/api/2.0/mlflow/users/create", ADA, admin);
    }
    if (kind.has(Option.BASIC_AUTH) && kind.has(Option.WORKSPACES)) {
      String roles = "/api/3.0/mlflow/roles/";
      Map<String, String> role = Map.of("workspace", WORKSPACE, "name", "members");
      int id = post(roles + "create", role, admin).at("/role/id").asInt();
      Map<String, Object> use =
          Map.of(
              "role_id", id,
              "resource_type", "workspace",
              "resource_pattern", "*",
              "permission", "USE");
      post(roles + "permissions/add", use, admin);
      post(roles + "assign", Map.of("username", "ada", "role_id", id), admin);
    }
  }

  private static String store(ServerKind kind, Path folder, String name, int port)
      throws IOException, SQLException {
    if (!kind.has(Option.POSTGRESQL)) {
      return "sqlite:///" + folder.resolve(name + ".db");
    }
    if (postgres == null) {
      postgres =
          EmbeddedPostgres.builder()
              .setOverrideWorkingDirectory(Path.of("target", "postgres").toFile())
              .setPGStartupWait(START_BOUND)
              .start();
    }
    String database = name + port;
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + database);
    }
    // without the driver's name, SQLAlchemy 2.1 takes another one
    return "postgresql+psycopg2://postgres@127.0.0.1:" + postgres.getPort() + "/" + database;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitHealth(String root, String prefix, Process process, Path log)
      throws IOException {
    long end = System.nanoTime() + START_BOUND.toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "mlflow server ended with " + process.exitValue() + ":\n" + tail(log));
      }
      // MLflow 2.22 answers without its prefix
      if (isHealthy(root + prefix) || isHealthy(root)) {
        return;
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    stop(process);
    throw new IllegalStateException(
        "mlflow server was not ready within " + START_BOUND + ":\n" + tail(log));
  }

  private static boolean isHealthy(String address) {
    try {
      HttpURLConnection call =
          (HttpURLConnection) URI.create(address + "/health").toURL().openConnection();
      call.setConnectTimeout(1000);
      call.setReadTimeout(5000);
      return call.getResponseCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.stream().skip(Math.max(0, lines.size() - 30)).collect(Collectors.joining("\n"));
  }

  private static void stop(Process process) {
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), descendants).toList();
      all.forEach(ProcessHandle::destroy);
      for (ProcessHandle handle : all) {
        try {
          handle.onExit().get(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (Exception slow) {
          handle.destroyForcibly();
        }
      }
    }
  }
}
