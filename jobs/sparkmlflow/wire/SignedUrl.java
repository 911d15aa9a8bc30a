package sparkmlflow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An address that contains its login: anyone who has it may do what it was signed for. {@link
 * #toString} omits the query. The headers are sent with it.
 */
public record SignedUrl(URI uri, Map<String, String> headers) {

  public SignedUrl {
    headers = Map.copyOf(headers);
  }

  /** Reads Databricks' form: an address field, and a list {@code headers}. */
  public static SignedUrl in(String operation, JsonNode node, String addressField) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (JsonNode header : node.path("headers")) {
      headers.put(Answers.text(operation, header, "name"), header.path("value").asText());
    }
    return new SignedUrl(URI.create(Answers.text(operation, node, addressField)), headers);
  }

  /** The same address with an extended query; the signed part stays unchanged. */
  public SignedUrl with(String query) {
    return new SignedUrl(
        URI.create(uri + (uri.getRawQuery() == null ? "?" : "&") + query), headers);
  }

  public SignedUrl with(Map<String, String> otherHeaders) {
    return new SignedUrl(uri, otherHeaders);
  }

  /** Every form in which the signature or a login header could appear in a text. */
  List<String> secrets() {
    List<String> secrets = new ArrayList<>();
    headers.forEach(
        (name, value) -> {
          if (name.equalsIgnoreCase("Authorization")) {
            secrets.add(value.substring(value.indexOf(' ') + 1));
          }
        });
    String query = uri.getRawQuery();
    if (query != null) {
      secrets.add(query);
      for (String pair : query.split("&", -1)) {
        String value = pair.substring(pair.indexOf('=') + 1);
        // short values are versions, dates and names of operations
        if (value.length() >= 20) {
          secrets.add(value);
          secrets.add(URLDecoder.decode(value, StandardCharsets.UTF_8));
        }
      }
    }
    return secrets;
  }

  @Override
  public String toString() {
    return uri.toString().replaceAll("\\?.*", "?" + Secrets.MASK);
  }
}
