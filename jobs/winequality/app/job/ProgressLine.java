package winequality.app.job;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * The last line of a terminal: the stage that runs, for how long, and how many of its Spark tasks
 * have ended. Spark's own line has neither the stage nor the time.
 *
 * <p>The launcher turns it on. Its log then begins each message with the text that clears the line.
 */
final class ProgressLine extends SparkListener implements AutoCloseable {

  private static final String CLEAR = "WINE_LINE_START";
  private static final long MILLIS = 500;

  private final PrintStream terminal;
  private final String clear;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "progress line");
            thread.setDaemon(true);
            return thread;
          });
  private String stage = "";
  private long start;
  private int tasks;
  private int ended;
  private boolean shown;

  ProgressLine(PrintStream terminal, String clear) {
    this.terminal = terminal;
    this.clear = clear;
  }

  /** Shows nothing without a terminal. */
  static ProgressLine of(Map<String, String> environment) {
    ProgressLine line = new ProgressLine(System.err, environment.getOrDefault(CLEAR, ""));
    if (!line.clear.isEmpty()) {
      Future<?> unused =
          line.timer.scheduleAtFixedRate(
              () -> line.show(System.nanoTime()), MILLIS, MILLIS, TimeUnit.MILLISECONDS);
    }
    return line;
  }

  synchronized void begin(String name, long now) {
    stage = name;
    start = now;
    tasks = 0;
    ended = 0;
  }

  synchronized void end() {
    stage = "";
    if (shown) {
      print(clear);
      shown = false;
    }
  }

  synchronized void show(long now) {
    Duration took = Duration.ofNanos(now - start);
    if (!stage.isEmpty() && took.toSeconds() >= 1) {
      String counts = tasks == 0 ? "" : ", %d of %d Spark tasks".formatted(ended, tasks);
      print(clear + stage + ", " + took.toSeconds() + " s" + counts);
      shown = true;
    }
  }

  private void print(String text) {
    terminal.print(text);
    terminal.flush();
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    tasks += submitted.stageInfo().numTasks();
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    if (task.taskInfo() != null && task.taskInfo().successful()) {
      ended++;
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    end();
  }
}
