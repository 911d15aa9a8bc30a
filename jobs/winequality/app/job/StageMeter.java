package winequality.app.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs the stages of a job and measures each: seconds, Spark jobs, rows read from storage.
 *
 * <p>A local property marks the Spark jobs of a stage. Spark passes it on to the threads of a
 * query.
 */
public final class StageMeter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StageMeter.class);

  private static final String STAGE = "winequality.stage";
  private static final long LISTENER_WAIT_MILLIS = 10_000;

  /**
   * What a stage cost.
   *
   * @param seconds on the driver, rounded to milliseconds
   * @param jobs Spark jobs that have tasks, including those that read Delta's log
   * @param rowsRead rows that tasks read from files, including those of Delta's log
   */
  record Cost(String name, double seconds, long jobs, long rowsRead) {
    Cost {
      seconds = Math.round(seconds * 1000) / 1000.0;
    }
  }

  private static final class Counts {
    private final AtomicLong jobs = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
  }

  private final SparkSession spark;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final Listener listener = new Listener();
  private final ProgressLine line;

  // the latest stage, whose duration is not logged yet because it may go on
  private String last = "";
  private double lastSeconds;

  public StageMeter(SparkSession spark) {
    this(spark, ProgressLine.of(Map.of()));
  }

  StageMeter(SparkSession spark, ProgressLine line) {
    this.spark = spark;
    this.line = line;
    spark.sparkContext().addSparkListener(listener);
    spark.sparkContext().addSparkListener(line);
  }

  /** Runs a stage, or a further part of it. */
  <T> T measure(String stage, Supplier<T> work) {
    if (!stage.equals(last)) {
      logLast();
    }
    last = ""; // a stage that fails is not done
    spark.sparkContext().setLocalProperty(STAGE, stage);
    long start = System.nanoTime();
    line.begin(stage, start);
    try {
      T result = work.get();
      last = stage;
      return result;
    } finally {
      line.end();
      double took = (System.nanoTime() - start) / 1e9;
      lastSeconds += took;
      seconds.merge(stage, took, Double::sum);
      spark.sparkContext().setLocalProperty(STAGE, null);
    }
  }

  private void logLast() {
    if (!last.isEmpty()) {
      LOG.info("{} done in {} s", last, Math.round(lastSeconds * 10) / 10.0);
    }
    last = "";
    lastSeconds = 0;
  }

  /** The stages so far, in the order in which they started. */
  public List<Cost> costs() {
    logLast();
    awaitListener();
    List<Cost> costs = new ArrayList<>();
    seconds.forEach(
        (stage, took) -> {
          Counts counts = listener.byStage.getOrDefault(stage, new Counts());
          costs.add(new Cost(stage, took, counts.jobs.get(), counts.rows.get()));
        });
    return costs;
  }

  @Override
  public void close() {
    spark.sparkContext().removeSparkListener(listener);
    spark.sparkContext().removeSparkListener(line);
  }

  /**
   * Waits for Spark's listeners, which hear of a job after it ended. The listener bus is not public
   * API and may differ in another Spark; a job must not fail because of that.
   */
  private void awaitListener() {
    try {
      spark.sparkContext().listenerBus().waitUntilEmpty(LISTENER_WAIT_MILLIS);
    } catch (TimeoutException | RuntimeException | LinkageError e) {
      LOG.warn(
          "Waiting for Spark's listeners failed, so the job and row counts of the stages may be too low: {}",
          e.toString());
    }
  }

  private static final class Listener extends SparkListener {
    private final Map<String, Counts> byStage = new ConcurrentHashMap<>();
    private final Map<Integer, Counts> bySparkStage = new ConcurrentHashMap<>();

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      Properties properties = job.properties();
      String stage = properties == null ? null : properties.getProperty(STAGE);
      // another job of the same session; or Delta looks at the files of a table that has none
      if (stage == null || job.stageIds().isEmpty()) {
        return;
      }
      Counts counts = byStage.computeIfAbsent(stage, name -> new Counts());
      counts.jobs.incrementAndGet();
      for (Object id : CollectionConverters.asJava(job.stageIds())) {
        bySparkStage.put((Integer) id, counts);
      }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
      Counts counts = bySparkStage.get(task.stageId());
      if (counts != null && task.taskMetrics() != null) {
        counts.rows.addAndGet(task.taskMetrics().inputMetrics().recordsRead());
      }
    }
  }
}
