package sparkmlflow.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.TagValues;

/**
 * A run that is being filled, and that ends FINISHED or FAILED whatever happens to the job.
 *
 * <p>FINISHED comes from {@link #finish()} alone, which a job calls after all its work, the
 * registration of a version included. {@link #close()} without it, a signal (SIGTERM, SIGINT) and
 * an exit of the JVM end the run FAILED, with the reason in the tag {@link MlflowTags#ERROR}; none
 * of them touches a run that has ended. What no process can report, such as SIGKILL or a machine
 * that is gone, leaves it RUNNING.
 *
 * <p>So a run can be FAILED and have a registered version: when something went wrong after the
 * version was made. If that was the finishing itself, the tag {@link MlflowTags#WORK} says so.
 */
public final class ActiveRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ActiveRun.class);
  private static final int PARAM_BYTES = 6000;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where the run came from. */
  enum Ownership {
    CREATED,
    ADOPTED
  }

  private final MlflowConnection connection;
  private final Run run;
  private final Clock clock;
  private final RunFiles files;
  private final RunEnding ending;
  private final Map<String, String> params;
  private final Set<List<String>> datasets = new HashSet<>();
  private final Set<LoggedTable> tables = new LinkedHashSet<>();

  private ActiveRun(
      MlflowConnection connection, Run run, Clock clock, RunFiles files, RunEnding ending) {
    this.connection = connection;
    this.run = run;
    this.clock = clock;
    this.files = files;
    this.ending = ending;
    this.params = new LinkedHashMap<>(run.params());
  }

  /**
   * Takes a run of the server over, and ends it FAILED if that goes wrong.
   *
   * @throws MlflowException if files cannot be stored under the run's artifact root
   * @throws IllegalStateException if the JVM is ending
   */
  static ActiveRun of(
      MlflowConnection connection, Run run, Ownership ownership, Clock clock, JvmExit exit) {
    RunEnding ending = new RunEnding(connection, run, clock, exit);
    try {
      RunFiles files = new RunFiles(connection, run, ownership);
      ending.watchExit();
      return new ActiveRun(connection, run, clock, files, ending);
    } catch (RuntimeException | Error e) {
      ending.fail(e);
      throw e;
    }
  }

  /** The run's id, its experiment and its artifact root. */
  public Run run() {
    return run;
  }

  /** Where a person sees the run. */
  public String url() {
    return connection.runUrl(run);
  }

  /** Where a person sees one of the run's files. */
  public String url(String artifactPath) {
    return connection.artifactUrl(run, artifactPath);
  }

  /**
   * Logs params. One that the run has already with the same value, or the same number written
   * otherwise, is left out: {@code mlflow run} logs the params of an MLproject before the job does.
   *
   * @throws MlflowException if the run has one with another value, which MLflow never changes; an
   *     adopted run may
   * @throws IllegalArgumentException if a value has more than 6,000 bytes: half a param would tell
   *     a lie
   */
  public void params(Map<String, String> values) {
    ending.requireOpen();
    Map<String, String> fresh = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          if (TagValues.bytes(value) > PARAM_BYTES) {
            throw new IllegalArgumentException(
                "param %s has %d bytes; MLflow takes %d. Log it as a text instead."
                    .formatted(key, TagValues.bytes(value), PARAM_BYTES));
          }
          String logged = params.get(key);
          if (logged == null) {
            fresh.put(key, value);
          } else if (!sameValue(logged, value)) {
            throw MlflowException.refused(
                "log params of run " + run.id(),
                "param %s of run %s is %s already and cannot become %s; MLflow never changes a param."
                    .formatted(key, run.id(), logged, value));
          }
        });
    connection.tracking().logParams(run.id(), fresh);
    params.putAll(fresh);
  }

  /**
   * Logs metrics at step 0. NaN is stored as NaN. An infinite value is stored by the server as the
   * largest finite one of its sign, and the log says so.
   */
  public void metrics(Map<String, Double> values) {
    Instant now = clock.instant();
    log(
        values.entrySet().stream()
            .map(e -> new MetricPoint(e.getKey(), e.getValue(), 0, now))
            .toList());
  }

  /** Logs the course of a metric: its values at consecutive steps from a first one. */
  public void metric(String name, long firstStep, List<Double> values) {
    Instant now = clock.instant();
    log(
        IntStream.range(0, values.size())
            .mapToObj(i -> new MetricPoint(name, values.get(i), firstStep + i, now))
            .toList());
  }

  private void log(List<MetricPoint> points) {
    ending.requireOpen();
    List<String> infinite =
        points.stream()
            .filter(point -> Double.isInfinite(point.value()))
            .map(MetricPoint::name)
            .distinct()
            .toList();
    if (!infinite.isEmpty()) {
      LOG.warn(
          "Metrics with an infinite value, which MLflow stores as ±1.8e308: {}.",
          String.join(", ", infinite));
    }
    connection.tracking().logMetrics(run.id(), points);
  }

  /**
   * Sets tags; a later value replaces an earlier one. A value of more than 5,000 bytes is cut, and
   * the log says which.
   */
  public void tags(Map<String, String> values) {
    ending.requireOpen();
    connection.tracking().setTags(run.id(), TagValues.shortened(values));
  }

  /** Sets the text at the top of the run's page, in Markdown; cut as a tag is. */
  public void description(String markdown) {
    tags(Map.of(MlflowTags.NOTE, markdown));
  }

  /**
   * Adds rows of Delta tables to the run's inputs.
   *
   * @throws IllegalArgumentException if two of this run have one name and digest, of which the
   *     server would keep one only
   */
  public void inputs(List<DeltaInput> inputs) {
    ending.requireOpen();
    for (DeltaInput input : inputs) {
      if (!datasets.add(List.of(input.name(), input.digest()))) {
        throw new IllegalArgumentException(
            "two inputs are called %s with digest %s; the digest must tell their rows apart"
                .formatted(input.name(), input.digest()));
      }
    }
    connection.tracking().logInputs(run.id(), inputs.stream().map(DeltaInput::entry).toList());
  }

  /** Stores a text in UTF-8 as a file at a path such as {@code report/summary.md}. */
  public void text(String artifactPath, String content) {
    bytes(artifactPath, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Stores bytes as a file at a path such as {@code plots/curve.png}. */
  public void bytes(String artifactPath, byte[] content) {
    ending.requireOpen();
    files.bytes(artifactPath, content);
  }

  /** Stores a value as a file of JSON, as Jackson writes it. */
  public void json(String artifactPath, Object value) {
    try {
      text(artifactPath, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot write " + artifactPath + " as JSON", e);
    }
  }

  /**
   * Stores a table as {@code mlflow.log_table} does, so that the UI shows it as one.
   *
   * @param rows as many values as columns each
   */
  public void table(String artifactPath, List<String> columns, List<? extends List<?>> rows) {
    json(artifactPath, new Table(columns, rows));
    shownAsTable(artifactPath);
  }

  private record LoggedTable(String path, String type) {}

  private record Table(List<String> columns, List<? extends List<?>> data) {}

  /** Has the UI show a stored file as a table: it has the form of {@link #table}. */
  public void shownAsTable(String artifactPath) {
    tables.add(new LoggedTable(artifactPath, "table"));
    tags(Map.of(MlflowTags.LOGGED_TABLES, JSON.valueToTree(tables).toString()));
  }

  /** Stores a file, or all files of a folder, below a path of the run's artifacts. */
  public void files(Path fileOrFolder, String artifactPath) {
    ending.requireOpen();
    files.upload(fileOrFolder, artifactPath);
  }

  /**
   * Stores the model's files, checks the server's listing against them and logs the folder as a
   * model of this run.
   *
   * @throws MlflowException if a file did not arrive, or if an adopted run has files there already:
   *     a registered version may rest on them
   */
  public VerifiedFolder model(ModelFolder model) {
    ending.requireOpen();
    return files.model(model);
  }

  /**
   * Ends the run FINISHED.
   *
   * @throws MlflowException if the server could not be told; the run is open still, and closing it
   *     tries to end it FAILED
   * @throws IllegalStateException if it has ended
   */
  public void finish() {
    ending.finish();
  }

  /**
   * Ends the run FAILED and keeps the first line of the reason as the tag {@link MlflowTags#ERROR};
   * without effect on a run that has ended. It throws nothing, so that the reason is what the
   * caller goes on with.
   */
  public void fail(Throwable reason) {
    ending.fail(reason);
  }

  /** Ends the run FAILED unless it has ended. */
  @Override
  public void close() {
    ending.fail("The job left the run without finishing it.");
  }

  private static boolean sameValue(String logged, String value) {
    if (logged.equals(value)) {
      return true;
    }
    try {
      return Double.compare(Double.parseDouble(logged), Double.parseDouble(value)) == 0;
    } catch (NumberFormatException notNumbers) {
      return false;
    }
  }
}
