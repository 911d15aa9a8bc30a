package winequality.app.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import testing.SparkTest;

class ProgressLineTest extends SparkTest {

  private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
  private final ProgressLine line =
      new ProgressLine(new PrintStream(terminal, false, UTF_8), "<clear>");

  private String shown() {
    String text = terminal.toString(UTF_8);
    terminal.reset();
    return text;
  }

  private void at(double seconds) {
    line.show(Math.round(seconds * TimeUnit.SECONDS.toNanos(1)));
  }

  @Test
  void itNamesTheStageAndItsSecondsFromTheFirstSecondOn() {
    line.begin("data", 0);
    at(0.9);
    assertThat(shown()).isEmpty();
    at(12.7);
    assertThat(shown()).isEqualTo("<clear>data, 12 s");
    line.end();
    assertThat(shown()).isEqualTo("<clear>");
    at(14);
    line.end();
    assertThat(shown()).isEmpty();
  }

  @Test
  void itCountsTheTasksOfTheStage() {
    try (StageMeter meter = new StageMeter(spark(), line)) {
      meter.measure("before", () -> spark().range(0, 9, 1, 2).toJavaRDD().count());
      meter.costs(); // waits for Spark's listeners
      line.begin("data", 0);
      spark().range(0, 9, 1, 5).toJavaRDD().count();
      meter.costs();
      at(2);
      assertThat(shown()).isEqualTo("<clear>data, 2 s, 5 of 5 Spark tasks");
    }
  }
}
