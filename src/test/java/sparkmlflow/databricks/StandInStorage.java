package sparkmlflow.databricks;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sparkmlflow.ScriptedServer;

/**
 * Cloud storage behind signed URLs, with the rules of its four kinds according to MLflow's source
 * and the clouds' documentation. It rejects a request with a login, with an unknown or expired
 * signature or with a header that its operation does not know, and parts that do not fit together.
 */
public final class StandInStorage implements AutoCloseable {

  /** The length makes it a secret for those who mask. */
  private static final String SIGNATURE = "signature-that-nobody-may-see-";

  private static final Pattern BLOCK = Pattern.compile("<Uncommitted>([^<]+)</Uncommitted>");

  private final ScriptedServer server = ScriptedServer.start();
  private final Map<String, byte[]> files;
  private final Set<String> valid = ConcurrentHashMap.newKeySet();
  private final Set<String> readOnly = ConcurrentHashMap.newKeySet();
  private final Map<String, Map<String, byte[]>> pieces = new ConcurrentHashMap<>();
  private final List<String> lost = new CopyOnWriteArrayList<>();
  private final AtomicInteger signatures = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private volatile String refusedPart = "none";
  private volatile boolean etags = true;

  StandInStorage(Map<String, byte[]> files) {
    this.files = files;
    server.otherwise(this::answer);
  }

  /** Takes files whose path ends so and does not keep them. */
  public void lose(String end) {
    lost.add(end);
  }

  /** Lets the next requests see their signatures ended. */
  public void endSignatures(int requests) {
    refusals.set(requests);
  }

  /** Refuses a request whose query holds this, whatever its signature is. */
  void refuseAlways(String inQuery) {
    refusedPart = inQuery;
  }

  /** Answers a part without an ETag, as Azure's Put Block does. */
  void sendNoEtags() {
    etags = false;
  }

  List<ScriptedServer.Request> requests() {
    return server.requests();
  }

  /** Takes a while for each answer. */
  void slow() {
    server.otherwise(ScriptedServer.slowly(this::answer));
  }

  int mostActive() {
    return server.mostActive();
  }

  /** An address for a file; the kind decides what may be done there. */
  URI address(String kind, String path) {
    String signature = SIGNATURE + signatures.incrementAndGet();
    valid.add(signature);
    return URI.create(server.uri() + "/" + kind + path + "?sv=1&sig=" + signature);
  }

  /** The query of every URL of the account, as the vended credentials contain it. */
  String sharedSignature() {
    String signature = SIGNATURE + signatures.incrementAndGet();
    valid.add(signature);
    return "sv=1&sig=" + signature;
  }

  /** The same, for reading and listing only. */
  String readOnlySignature() {
    String shared = sharedSignature();
    readOnly.add(query(shared).get("sig"));
    return shared;
  }

  /** Where the account is. */
  String authority() {
    return server.uri().getAuthority();
  }

  private void answer(HttpExchange exchange, ScriptedServer.Request request) throws IOException {
    Map<String, String> query = query(request.query());
    if (!request.header("Authorization").isEmpty()) {
      error(400, "InvalidAuthenticationInfo: only one way to log in").to(exchange, request);
    } else if (!valid.contains(query.getOrDefault("sig", ""))) {
      error(403, "SignatureDoesNotMatch " + request.query()).to(exchange, request);
    } else if (readOnly.contains(query.get("sig")) && !request.method().equals("GET")) {
      error(403, "AuthorizationPermissionMismatch: signed for reading").to(exchange, request);
    } else if (request.query().contains(refusedPart)) {
      error(403, "AuthorizationFailure " + request.query()).to(exchange, request);
    } else if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      valid.remove(query.get("sig"));
      error(403, "AccessDenied: Request has expired " + request.query()).to(exchange, request);
    } else {
      String kind = request.path().split("/", -1)[1];
      String path =
          URLDecoder.decode(request.path().substring(kind.length() + 1), StandardCharsets.UTF_8);
      serve(kind, path, query, request).to(exchange, request);
    }
  }

  private ScriptedServer.Reply serve(
      String kind, String path, Map<String, String> query, ScriptedServer.Request request) {
    if (request.method().equals("GET")) {
      return "filesystem".equals(query.get("resource"))
          ? paths(query.getOrDefault("directory", ""))
          : file(path);
    }
    return switch (kind) {
      case "AWS_PRESIGNED_URL", "GCP_SIGNED_URL" -> whole(path, query, request);
      case "AZURE_SAS_URI" -> blob(path, query, request);
      case "AZURE_ADLS_GEN2_SAS_URI" -> dataLake(path, query, request);
      default -> error(404, "no such account");
    };
  }

  private ScriptedServer.Reply whole(
      String path, Map<String, String> query, ScriptedServer.Request request) {
    if (!request.header("x-signed-header").equals("as-given")) {
      return error(403, "SignatureDoesNotMatch: x-signed-header was signed");
    }
    if (request.method().equals("DELETE")) {
      pieces.remove(path);
      return ScriptedServer.text(204, "text/plain", "", Map.of());
    }
    if (!request.method().equals("PUT")) {
      return error(405, "MethodNotAllowed");
    }
    String part = query.get("partNumber");
    if (part == null) {
      keep(path, content(request));
      return ScriptedServer.text(200, "text/plain", "", Map.of());
    }
    pieces.computeIfAbsent(path, p -> new ConcurrentHashMap<>()).put(part, content(request));
    Map<String, String> headers = etags ? Map.of("ETag", "\"etag-" + part + "\"") : Map.of();
    return ScriptedServer.text(200, "text/plain", "", headers);
  }

  /** Puts the parts of a file together, in the order of their numbers; false if one is missing. */
  boolean complete(String path, int parts) {
    Map<String, byte[]> found = pieces.remove(path);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int part = 1; part <= parts; part++) {
      byte[] piece = found == null ? null : found.get(String.valueOf(part));
      if (piece == null) {
        return false;
      }
      all.writeBytes(piece);
    }
    keep(path, all.toByteArray());
    return true;
  }

  /** Whether parts of a file lie there that belong to no file yet. */
  boolean hasLooseParts(String path) {
    return pieces.containsKey(path);
  }

  private ScriptedServer.Reply blob(
      String path, Map<String, String> query, ScriptedServer.Request request) {
    String operation = query.getOrDefault("comp", "");
    if (operation.equals("block")) {
      if (!request.header("x-ms-blob-type").equals("BlockBlob")
          || !request.header("x-ms-blob-content-type").isEmpty()) {
        return error(400, "UnsupportedHeader");
      }
      pieces
          .computeIfAbsent(path, p -> new ConcurrentHashMap<>())
          .put(query.get("blockid"), content(request));
      return ScriptedServer.text(201, "text/plain", "", Map.of());
    }
    if (operation.equals("blocklist")) {
      if (!request.header("x-ms-blob-type").isEmpty()) {
        return error(400, "UnsupportedHeader");
      }
      Map<String, byte[]> blocks = pieces.getOrDefault(path, Map.of());
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      Matcher ids = BLOCK.matcher(request.body());
      while (ids.find()) {
        byte[] block = blocks.get(ids.group(1));
        if (block == null) {
          return error(400, "InvalidBlockList");
        }
        all.writeBytes(block);
      }
      pieces.remove(path);
      keep(path, all.toByteArray());
      return ScriptedServer.text(201, "text/plain", "", Map.of());
    }
    return error(400, "InvalidQueryParameterValue: comp");
  }

  private ScriptedServer.Reply dataLake(
      String path, Map<String, String> query, ScriptedServer.Request request) {
    if (!request.header("x-ms-blob-type").isEmpty()) {
      return error(400, "UnsupportedHeader");
    }
    if (request.method().equals("PUT") && "file".equals(query.get("resource"))) {
      pieces.put(path, new TreeMap<>());
      keep(path, new byte[0]);
      return ScriptedServer.text(201, "text/plain", "", Map.of());
    }
    Map<String, byte[]> appended = pieces.get(path);
    if (appended == null || !request.method().equals("PATCH")) {
      return error(404, "PathNotFound");
    }
    long position = Long.parseLong(query.getOrDefault("position", "-1"));
    synchronized (appended) {
      if ("append".equals(query.get("action"))) {
        appended.put("%020d".formatted(position), content(request));
        position += content(request).length;
      }
      if ("flush".equals(query.get("action")) || "true".equals(query.get("flush"))) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> piece : appended.entrySet()) {
          if (Long.parseLong(piece.getKey()) != all.size()) {
            return error(400, "InvalidFlushPosition");
          }
          all.writeBytes(piece.getValue());
        }
        if (all.size() != position) {
          return error(400, "InvalidFlushPosition");
        }
        keep(path, all.toByteArray());
      }
    }
    return ScriptedServer.text(202, "text/plain", "", Map.of());
  }

  /** What Data Lake Storage lists below a directory: everything, folders among it. */
  private ScriptedServer.Reply paths(String directory) {
    List<String> found = new ArrayList<>();
    found.add("{\"name\": \"%s/folder\", \"isDirectory\": \"true\"}".formatted(directory));
    files.forEach(
        (name, content) -> {
          if (name.startsWith("/" + directory + "/")) {
            found.add(
                "{\"name\": \"%s\", \"contentLength\": \"%d\"}"
                    .formatted(name.substring(1), content.length));
          }
        });
    return ScriptedServer.json("{\"paths\": [" + String.join(", ", found) + "]}");
  }

  private ScriptedServer.Reply file(String path) {
    byte[] found = files.get(path);
    return found == null ? error(404, "BlobNotFound") : bytes(found);
  }

  boolean hasNone(String folder) {
    return files.keySet().stream().noneMatch(path -> path.startsWith(folder + "/"));
  }

  void keep(String path, byte[] content) {
    if (lost.stream().noneMatch(path::endsWith)) {
      files.put(path, content);
    }
  }

  static ScriptedServer.Reply bytes(byte[] content) {
    return (exchange, request) -> {
      exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
      exchange.getResponseBody().write(content);
    };
  }

  static byte[] content(ScriptedServer.Request request) {
    byte[] content = new byte[request.content().remaining()];
    request.content().duplicate().get(content);
    return content;
  }

  static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    for (String pair : new ArrayList<>(List.of(raw.split("&", -1)))) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        query.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static ScriptedServer.Reply error(int status, String code) {
    return ScriptedServer.text(
        status, "application/xml", "<Error><Code>" + code + "</Code></Error>", Map.of());
  }

  @Override
  public void close() {
    server.close();
  }
}
