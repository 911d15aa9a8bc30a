package winequality.app.job;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * Runs the stages of a job and keeps what each cost: seconds, Spark jobs, rows read from storage.
 *
 * <p>Spark's jobs are told apart by a local property that Spark hands on to the threads which work
 * for a query.
 */
public final class StageMeter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StageMeter.class);

  private static final String STAGE = "winequality.stage";
  private static final long LISTENER_WAIT_MILLIS = 10_000;

  /**
   * What a stage cost.
   *
   * @param seconds from its start to its end on the driver
   * @param jobs Spark jobs, those of Delta's log included
   * @param rowsRead rows that tasks read from files, lines of Delta's log included
   */
  record Cost(String name, double seconds, long jobs, long rowsRead) {}

  private static final class Counts {
    private final AtomicLong jobs = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
  }

  private final SparkSession spark;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final Listener listener = new Listener();

  public StageMeter(SparkSession spark) {
    this.spark = spark;
    spark.sparkContext().addSparkListener(listener);
  }

  /** Runs a stage; its line in the log comes when it ends well. */
  <T> T measure(String stage, Supplier<T> work) {
    spark.sparkContext().setLocalProperty(STAGE, stage);
    long start = System.nanoTime();
    try {
      T result = work.get();
      double took = (System.nanoTime() - start) / 1e9;
      LOG.info("{} done in {} s", stage, String.format(java.util.Locale.ROOT, "%.1f", took));
      return result;
    } finally {
      seconds.merge(stage, (System.nanoTime() - start) / 1e9, Double::sum);
      spark.sparkContext().setLocalProperty(STAGE, null);
    }
  }

  /** The stages so far, in the order they began. */
  public List<Cost> costs() {
    awaitListener();
    return seconds.entrySet().stream()
        .map(
            stage -> {
              Counts counts =
                  Optional.ofNullable(listener.byStage.get(stage.getKey())).orElseGet(Counts::new);
              return new Cost(
                  stage.getKey(), stage.getValue(), counts.jobs.get(), counts.rows.get());
            })
        .toList();
  }

  @Override
  public void close() {
    spark.sparkContext().removeSparkListener(listener);
  }

  /**
   * Spark tells its listeners behind the work; without waiting the last jobs would be missing. The
   * bus is no public API, and another Spark's may differ: for a count no finished job shall fail.
   */
  private void awaitListener() {
    try {
      spark.sparkContext().listenerBus().waitUntilEmpty(LISTENER_WAIT_MILLIS);
    } catch (TimeoutException | RuntimeException | LinkageError e) {
      LOG.warn(
          "Spark's listeners could not be waited for, so the job and row counts of the stages may be too low: {}",
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
      if (stage == null) {
        return; // another job of the same session
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
