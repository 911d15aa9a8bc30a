package sparkmlflow.tracking;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Cuts params, metrics and tags into requests that a server takes. */
final class Batches {

  static final int PARAMS_OR_TAGS = 100;
  static final int METRICS = 1000;

  // A request may have 1,000,000 bytes; a character can become six in JSON.
  private static final int TEXT_BYTES = 120_000;

  private Batches() {}

  static List<List<MetricPoint>> ofMetrics(List<MetricPoint> points) {
    List<List<MetricPoint>> batches = new ArrayList<>();
    for (int from = 0; from < points.size(); from += METRICS) {
      batches.add(points.subList(from, Math.min(from + METRICS, points.size())));
    }
    return batches;
  }

  static List<List<Map.Entry<String, String>>> ofTexts(
      Collection<Map.Entry<String, String>> entries) {
    List<List<Map.Entry<String, String>>> batches = new ArrayList<>();
    List<Map.Entry<String, String>> batch = new ArrayList<>();
    int bytes = 0;
    for (Map.Entry<String, String> entry : entries) {
      int size = TagValues.bytes(entry.getKey()) + TagValues.bytes(entry.getValue());
      if (!batch.isEmpty() && (batch.size() == PARAMS_OR_TAGS || bytes + size > TEXT_BYTES)) {
        batches.add(batch);
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(entry);
      bytes += size;
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }
}
