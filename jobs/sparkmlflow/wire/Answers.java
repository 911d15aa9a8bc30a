package sparkmlflow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import sparkmlflow.MlflowException;

/** Reads required fields from a server's answers. */
public final class Answers {

  private Answers() {}

  /** A text, or a number as text; throws {@link MlflowException} if it is missing or empty. */
  public static String text(String operation, JsonNode node, String field) {
    return text(operation, node.path(field).asText(""), field);
  }

  public static String text(String operation, String value, String field) {
    if (value.isEmpty() || value.equals("null")) {
      throw missing(operation, field);
    }
    return value;
  }

  /** Keys and values of a list of params or tags. */
  public static Map<String, String> texts(String operation, JsonNode pairs) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (JsonNode pair : pairs) {
      texts.put(text(operation, pair, "key"), pair.path("value").asText());
    }
    return texts;
  }

  public static long number(String operation, JsonNode node, String field) {
    try {
      return Long.parseLong(text(operation, node, field));
    } catch (NumberFormatException e) {
      throw missing(operation, field);
    }
  }

  public static MlflowException missing(String operation, String field) {
    return MlflowException.refused(
        operation,
        "the server's answer lacks the field \"%s\", which this job needs. Is the address that of the API, and does the server's version support this call?"
            .formatted(field));
  }
}
