package sparkmlflow.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {

  private static List<Map.Entry<String, String>> entries(int count, String value) {
    return IntStream.range(0, count).mapToObj(i -> Map.entry("key" + i, value)).toList();
  }

  private static List<MetricPoint> points(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new MetricPoint("m", i, i, Instant.EPOCH))
        .toList();
  }

  @Test
  void nothingMakesNoRequest() {
    assertThat(Batches.ofTexts(List.of())).isEmpty();
    assertThat(Batches.ofMetrics(List.of())).isEmpty();
  }

  @Test
  void aHundredTextsGoInOneRequest() {
    assertThat(Batches.ofTexts(entries(100, "v"))).hasSize(1);
    List<Map.Entry<String, String>> all = entries(230, "v");
    List<List<Map.Entry<String, String>>> batches = Batches.ofTexts(all);
    assertThat(batches).extracting(List::size).containsExactly(100, 100, 30);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(all);
  }

  @Test
  void aThousandMetricsGoInOneRequest() {
    assertThat(Batches.ofMetrics(points(1000))).hasSize(1);
    List<MetricPoint> all = points(2001);
    List<List<MetricPoint>> batches = Batches.ofMetrics(all);
    assertThat(batches).extracting(List::size).containsExactly(1000, 1000, 1);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(all);
  }

  @Test
  void longTextsStayBelowTheServersMillionBytesEvenWhenEscaped() {
    // a control character becomes six characters
    List<List<Map.Entry<String, String>>> batches =
        Batches.ofTexts(entries(100, "\1".repeat(6000)));
    assertThat(batches)
        .allSatisfy(
            batch ->
                assertThat(batch.stream().mapToInt(e -> e.getValue().length() * 6).sum())
                    .isLessThan(1_000_000));
    assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(100);
  }
}
