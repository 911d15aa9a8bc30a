package sparkmlflow.databricks.storage;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;

/**
 * Signs S3 requests in the URL's query ("presigned"), so the secret key is never sent. The body is
 * not signed; TLS protects it.
 *
 * @param sessionToken part of the vended credentials; it becomes part of the signed URL
 * @param region such as {@code eu-central-1}
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html">AWS
 *     Signature Version 4: query parameters</a>
 */
public record AwsSignature(
    String accessKeyId, String secretAccessKey, String sessionToken, String region) {

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Duration VALID = Duration.ofMinutes(15);

  /** A URL valid for 15 minutes. The address is encoded by RFC 3986; all headers are signed. */
  public SignedUrl signed(String method, URI address, Map<String, String> headers, Instant now) {
    String time = TIME.format(now);
    String day = time.substring(0, 8);
    String scope = day + "/" + region + "/s3/aws4_request";
    Map<String, String> signedHeaders = new TreeMap<>();
    headers.forEach((name, value) -> signedHeaders.put(name.toLowerCase(Locale.ROOT), value));
    signedHeaders.put("host", address.getRawAuthority());
    String names = String.join(";", signedHeaders.keySet());

    Map<String, String> query = new TreeMap<>();
    if (address.getRawQuery() != null) {
      for (String pair : address.getRawQuery().split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query.put(parts[0], parts.length == 1 ? "" : parts[1]);
      }
    }
    query.put("X-Amz-Algorithm", ALGORITHM);
    query.put("X-Amz-Credential", RestCalls.encoded(accessKeyId + "/" + scope));
    query.put("X-Amz-Date", time);
    query.put("X-Amz-Expires", String.valueOf(VALID.toSeconds()));
    query.put("X-Amz-SignedHeaders", RestCalls.encoded(names));
    query.put("X-Amz-Security-Token", RestCalls.encoded(sessionToken));
    String canonicalQuery =
        query.entrySet().stream()
            .map(pair -> pair.getKey() + "=" + pair.getValue())
            .collect(Collectors.joining("&"));
    String path = address.getRawPath().isEmpty() ? "/" : address.getRawPath();
    String headerLines =
        signedHeaders.entrySet().stream()
            .map(header -> header.getKey() + ":" + header.getValue().strip() + "\n")
            .collect(Collectors.joining());
    String request =
        String.join("\n", method, path, canonicalQuery, headerLines, names, "UNSIGNED-PAYLOAD");
    String digest = LocalFiles.hex(LocalFiles.sha256().digest(bytes(request)));
    byte[] key = bytes("AWS4" + secretAccessKey);
    for (String part : new String[] {day, region, "s3", "aws4_request"}) {
      key = hmac(key, part);
    }
    String signature = LocalFiles.hex(hmac(key, String.join("\n", ALGORITHM, time, scope, digest)));
    String base = address.toString().replaceAll("\\?.*", "");
    return new SignedUrl(
        URI.create(base + "?" + canonicalQuery + "&X-Amz-Signature=" + signature), headers);
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM lacks HmacSHA256, which every Java must have", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "AwsSignature[" + region + "]";
  }
}
