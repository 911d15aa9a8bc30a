package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import sparkmlflow.ScriptedServer;
import sparkmlflow.databricks.storage.AwsSignature;
import sparkmlflow.databricks.storage.AwsSignatureTest;
import sparkmlflow.databricks.storage.BucketHosts;

/**
 * A customer's buckets on AWS and Google Cloud, which accept the credentials that the catalog
 * vends. A bucket rejects:
 *
 * <ul>
 *   <li>a signature not made with such a login for that region, method, URL and headers, computed
 *       by the code that the golden file of {@link AwsSignatureTest} checks;
 *   <li>a write with a login for reading;
 *   <li>a file without the encryption that its owner demands;
 *   <li>a token of the workspace.
 * </ul>
 */
public final class StandInBuckets implements AutoCloseable {

  static final String BUCKET = "wine.models";
  static final String KEY_ARN = "arn:aws:kms:eu-central-1:1:key/2";

  private static final String REGION = "eu-central-1";
  private static final int PAGE = 2;

  private final ScriptedServer server = ScriptedServer.start();
  private final Map<String, byte[]> files;
  private final BiConsumer<String, byte[]> keep;
  private final Map<String, Login> logins = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();

  private record Login(String kind, String secret, String session, boolean readOnly) {}

  /**
   * Buckets with these files.
   *
   * @param keep puts a file among them
   */
  StandInBuckets(Map<String, byte[]> files, BiConsumer<String, byte[]> keep) {
    this.files = files;
    this.keep = keep;
    server.otherwise(this::answer);
  }

  public BucketHosts hosts() {
    return new BucketHosts(
        server.uri() + "/anywhere/{bucket}",
        server.uri() + "/{region}/{bucket}",
        server.uri() + "/google/{bucket}");
  }

  /** Where a catalog says that files belong. */
  String location(String kind, String folder) {
    return switch (kind) {
      case "aws_temp_credentials" -> "s3://" + BUCKET + folder;
      default -> "gs://" + BUCKET + folder;
    };
  }

  /** Adds fresh credentials to what the catalog vends. */
  void vend(ObjectNode vended, String kind, boolean readOnly) {
    int number = numbers.incrementAndGet();
    String id = "ASIA-EXAMPLE-" + number;
    Login login =
        new Login(
            kind,
            "secret/that+nobody/may/see-" + number,
            "session/that+nobody=may/see-" + number,
            readOnly);
    if (kind.equals("gcp_oauth_token")) {
      vended.putObject(kind).put("oauth_token", login.session());
      logins.put(login.session(), login);
      return;
    }
    vended
        .putObject(kind)
        .put("access_key_id", id)
        .put("secret_access_key", login.secret())
        .put("session_token", login.session());
    logins.put(id, login);
    vended
        .putObject("encryption_details")
        .putObject("sse_encryption_details")
        .put("algorithm", "AWS_SSE_KMS")
        .put("aws_kms_key_arn", KEY_ARN);
  }

  /** Lets the next requests see their logins ended. */
  public void endLogins(int requests) {
    refusals.set(requests);
  }

  List<ScriptedServer.Request> requests() {
    return server.requests();
  }

  private void answer(HttpExchange exchange, ScriptedServer.Request request) throws IOException {
    reply(request).to(exchange, request);
  }

  private ScriptedServer.Reply reply(ScriptedServer.Request request) {
    List<String> parts = Arrays.asList(request.path().split("/", 4));
    if (request.method().equals("HEAD") && parts.get(1).equals("anywhere")) {
      return (exchange, asked) -> {
        exchange.getResponseHeaders().set("x-amz-bucket-region", REGION);
        exchange.sendResponseHeaders(403, -1);
      };
    }
    if (!parts.get(2).equals(BUCKET)) {
      return error(404, "NoSuchBucket");
    }
    Map<String, String> query = StandInStorage.query(request.query());
    String id =
        parts.get(1).equals("google")
            ? request.header("Authorization").replaceFirst("^Bearer ", "")
            : query.getOrDefault("X-Amz-Credential", "").replaceAll("/.*", "");
    Login login = logins.get(id);
    if (login == null
        || (!login.kind().equals("gcp_oauth_token") && !signedBy(id, login, request, query))) {
      return error(403, "SignatureDoesNotMatch " + request.query());
    }
    if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      logins.remove(id);
      return error(403, "ExpiredToken " + request.query() + request.header("Authorization"));
    }
    String path = URLDecoder.decode("/" + parts.get(3).replace("+", "%2B"), StandardCharsets.UTF_8);
    if (request.method().equals("GET")) {
      return query.containsKey("list-type") ? page(query) : file(path);
    }
    if (!request.method().equals("PUT") || login.readOnly()) {
      return error(403, "AccessDenied: a login for reading");
    }
    if (login.kind().equals("aws_temp_credentials")
        && !(request.header("x-amz-server-side-encryption").equals("aws:kms")
            && request.header("x-amz-server-side-encryption-aws-kms-key-id").equals(KEY_ARN))) {
      return error(403, "AccessDenied: the bucket's policy wants its own key");
    }
    keep.accept(path, StandInStorage.content(request));
    return ScriptedServer.text(200, "text/plain", "", Map.of());
  }

  private boolean signedBy(
      String id, Login login, ScriptedServer.Request request, Map<String, String> query) {
    Instant now =
        Instant.parse(
            query
                .getOrDefault("X-Amz-Date", "00000101T000000Z")
                .replaceFirst("(....)(..)(..)T(..)(..)(..)Z", "$1-$2-$3T$4:$5:$6Z"));
    if (Duration.between(now, Instant.now()).abs().toMinutes() > 15
        || !request.header("Authorization").isEmpty()) {
      return false;
    }
    // all x-amz- headers have to be signed
    Map<String, String> headers = new HashMap<>();
    request
        .headers()
        .forEach(
            (name, values) -> {
              if (name.toLowerCase(java.util.Locale.ROOT).startsWith("x-amz-")) {
                headers.put(name, values.get(0));
              }
            });
    String unsigned =
        Arrays.stream(request.query().split("&", -1))
            .filter(pair -> !pair.startsWith("X-Amz-"))
            .collect(Collectors.joining("&"));
    URI address =
        URI.create(server.uri() + request.path() + (unsigned.isEmpty() ? "" : "?" + unsigned));
    String wanted =
        new AwsSignature(id, login.secret(), login.session(), REGION)
            .signed(request.method(), address, headers, now)
            .uri()
            .getRawQuery();
    return wanted.equals(request.query());
  }

  private ScriptedServer.Reply page(Map<String, String> query) {
    String prefix = "/" + query.get("prefix");
    int from = Integer.parseInt(query.getOrDefault("continuation-token", "at+0").substring(3));
    List<String> keys = files.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
    StringBuilder xml =
        new StringBuilder(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                + "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    keys.stream()
        .skip(from)
        .limit(PAGE)
        .forEach(
            key ->
                xml.append("<Contents><Key>")
                    .append(key.substring(1).replace("&", "&amp;").replace("<", "&lt;"))
                    .append("</Key><Size>")
                    .append(files.getOrDefault(key, new byte[0]).length)
                    .append("</Size></Contents>"));
    if (from == 0) {
      xml.append("<Contents><Key>")
          .append(query.get("prefix"))
          .append("folder/</Key><Size>0</Size></Contents>");
    }
    if (from + PAGE < keys.size()) {
      xml.append("<IsTruncated>true</IsTruncated><NextContinuationToken>at+")
          .append(from + PAGE)
          .append("</NextContinuationToken>");
    }
    return ScriptedServer.text(
        200, "application/xml", xml.append("</ListBucketResult>").toString(), Map.of());
  }

  private ScriptedServer.Reply file(String path) {
    byte[] found = files.get(path);
    return found == null ? error(404, "NoSuchKey") : StandInStorage.bytes(found);
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
