package sparkmlflow.wire;

import com.fasterxml.jackson.databind.JsonNode;
import sparkmlflow.MlflowException;

/** Reads what an answer of a server must have. An answer without it is a failure. */
public final class Answers {

  private Answers() {}

  /**
   * A text or a number as text.
   *
   * @param operation completes "Could not ..."
   * @throws MlflowException if the field is missing or empty
   */
  public static String text(String operation, JsonNode node, String field) {
    return text(operation, node.path(field).asText(""), field);
  }

  /** The value itself. */
  public static String text(String operation, String value, String field) {
    if (value.isEmpty() || value.equals("null")) {
      throw missing(operation, field);
    }
    return value;
  }

  /** A whole number, or a text of digits. */
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
        "the server's answer lacks the field \"%s\", without which this job cannot go on. Is the address the API's own, and does the server's version have this call?"
            .formatted(field));
  }
}
