package sparkmlflow.tracking;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts tag values to what every MLflow server takes: 5,000 bytes. Newer ones cut at 8,000, Unity
 * Catalog takes less.
 */
public final class TagValues {

  private static final Logger LOG = LoggerFactory.getLogger(TagValues.class);
  private static final int LIMIT_BYTES = 5000;
  private static final String MARK = "...";

  private TagValues() {}

  /** The tags with long values cut and marked; each cut one is named in the log. */
  public static Map<String, String> shortened(Map<String, String> tags) {
    return shortened(tags, LIMIT_BYTES);
  }

  public static Map<String, String> shortened(Map<String, String> tags, int limit) {
    Map<String, String> result = new LinkedHashMap<>();
    List<String> cut = new ArrayList<>();
    tags.forEach(
        (key, value) -> {
          String kept = shortened(value, limit);
          if (!kept.equals(value)) {
            cut.add(key + " (" + bytes(value) + " bytes)");
          }
          result.put(key, kept);
        });
    if (!cut.isEmpty()) {
      LOG.warn("{} tag values cut to {} bytes: {}.", cut.size(), limit, String.join(", ", cut));
    }
    return result;
  }

  private static String shortened(String value, int limit) {
    if (bytes(value) <= limit) {
      return value;
    }
    int length = 0;
    int bytes = MARK.length();
    while (length < value.length()) {
      int codePoint = value.codePointAt(length);
      int size = bytes(Character.toString(codePoint));
      if (bytes + size > limit) {
        break;
      }
      bytes += size;
      length += Character.charCount(codePoint);
    }
    return value.substring(0, length) + MARK;
  }

  public static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
