package sparkmlflow.tracking;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shortens tag values to 5,000 bytes; newer servers accept 8,000, Unity Catalog less. */
public final class TagValues {

  private static final Logger LOG = LoggerFactory.getLogger(TagValues.class);
  private static final int LIMIT_BYTES = 5000;
  private static final String MARK = "...";

  private TagValues() {}

  /** The tags with long values shortened and marked; the log names each shortened tag. */
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
      LOG.warn(
          "Shortened {} tag values to {} bytes: {}.", cut.size(), limit, String.join(", ", cut));
    }
    return result;
  }

  private static String shortened(String value, int limit) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= limit) {
      return value;
    }
    int end = limit - MARK.length();
    while ((bytes[end] & 0xC0) == 0x80) {
      end--; // not within a character
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8) + MARK;
  }

  public static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
