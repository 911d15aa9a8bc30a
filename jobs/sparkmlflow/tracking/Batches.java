package sparkmlflow.tracking;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Splits params, metrics and tags into requests within the server's limits. */
final class Batches {

  static final int PARAMS_OR_TAGS = 100;
  static final int METRICS = 1000;

  // a request may have 1,000,000 bytes, and a character can become six in JSON
  private static final int TEXT_BYTES = 120_000;

  private Batches() {}

  static List<List<MetricPoint>> ofMetrics(List<MetricPoint> points) {
    return of(points, METRICS, point -> 0);
  }

  static List<List<Map.Entry<String, String>>> ofTexts(
      Collection<Map.Entry<String, String>> entries) {
    return of(
        entries,
        PARAMS_OR_TAGS,
        entry -> TagValues.bytes(entry.getKey()) + TagValues.bytes(entry.getValue()));
  }

  private static <T> List<List<T>> of(Collection<T> all, int most, ToIntFunction<T> size) {
    List<List<T>> batches = new ArrayList<>();
    int bytes = 0;
    for (T one : all) {
      bytes += size.applyAsInt(one);
      List<T> batch = batches.isEmpty() ? List.of() : batches.get(batches.size() - 1);
      if (batch.isEmpty() || batch.size() == most || bytes > TEXT_BYTES) {
        bytes = size.applyAsInt(one);
        batch = new ArrayList<>();
        batches.add(batch);
      }
      batch.add(one);
    }
    return batches;
  }
}
