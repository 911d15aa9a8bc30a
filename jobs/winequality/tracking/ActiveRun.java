package winequality.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.mlflow.LocalFiles;
import winequality.mlflow.MetricPoint;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.MlflowException;
import winequality.mlflow.Run;
import winequality.mlflow.RunArtifacts;
import winequality.mlflow.RunStatus;
import winequality.mlflow.VerifiedUpload;
import winequality.model.ModelFolder;

/**
 * A run that is being filled, and that ends FINISHED or FAILED whatever happens to the job.
 *
 * <p>FINISHED comes from {@link #finish()} alone. {@link #close()} without it, a signal (SIGTERM,
 * SIGINT) and an exit of the JVM end the run FAILED, with the reason in the tag {@code
 * winequality.error}; none of them touches a run that has ended. What no process can report, such
 * as SIGKILL or a machine that is gone, leaves it RUNNING.
 */
public final class ActiveRun implements AutoCloseable {

  /** The tag that holds why a run failed: one line, without secrets. */
  public static final String ERROR_TAG = "winequality.error";

  private static final Logger LOG = LoggerFactory.getLogger(ActiveRun.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  static final Duration EXIT_BOUND = Duration.ofSeconds(6);
  private static final int PARAM_BYTES = 6000;
  private static final DateTimeFormatter PYTHON_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  /** Where the run came from. */
  enum Ownership {
    CREATED,
    ADOPTED
  }

  private enum State {
    OPEN,
    ENDING,
    ENDED
  }

  private final MlflowConnection connection;
  private final Run run;
  private final Ownership ownership;
  private final Clock clock;
  private final JvmExit exit;
  private final RunArtifacts artifacts;
  private final Map<String, String> params;
  private final Set<List<String>> datasets = new HashSet<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::endAtExit, "end-mlflow-run");

  private ActiveRun(
      MlflowConnection connection,
      Run run,
      RunArtifacts artifacts,
      Ownership ownership,
      Clock clock,
      JvmExit exit) {
    this.connection = connection;
    this.run = run;
    this.ownership = ownership;
    this.clock = clock;
    this.exit = exit;
    this.artifacts = artifacts;
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
    try {
      ActiveRun active =
          new ActiveRun(connection, run, connection.artifacts(run), ownership, clock, exit);
      exit.register(active.hook);
      return active;
    } catch (RuntimeException | Error e) {
      endFailed(connection, run, clock, firstLine(e));
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

  /**
   * Logs params. One that the run has already with the same value, or the same number written
   * otherwise, is left out: {@code mlflow run} logs the params of an MLproject before the job does.
   *
   * @throws IllegalArgumentException if the run has one with another value, which MLflow never
   *     changes, or if a value has more than 6,000 bytes: half a param would tell a lie
   */
  public void params(Map<String, String> values) {
    requireOpen();
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
            throw new IllegalArgumentException(
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

  /** Logs one value of a metric at a step. */
  public void metric(String name, double value, long step) {
    log(List.of(new MetricPoint(name, value, step, clock.instant())));
  }

  /** Logs a whole course of a metric: its values by step. */
  public void metric(String name, SortedMap<Long, Double> valuesByStep) {
    Instant now = clock.instant();
    log(
        valuesByStep.entrySet().stream()
            .map(e -> new MetricPoint(name, e.getValue(), e.getKey(), now))
            .toList());
  }

  private void log(List<MetricPoint> points) {
    requireOpen();
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
    requireOpen();
    connection.tracking().setTags(run.id(), TagValues.shortened(values));
  }

  /** Sets the text at the top of the run's page, in Markdown; cut as a tag is. */
  public void description(String markdown) {
    tags(Map.of("mlflow.note.content", markdown));
  }

  /**
   * Adds rows of Delta tables to the run's inputs.
   *
   * @throws IllegalArgumentException if two of this run have one name and digest, of which the
   *     server would keep one only
   */
  public void inputs(List<DeltaInput> inputs) {
    requireOpen();
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
    requireOpen();
    int slash = artifactPath.lastIndexOf('/');
    String folder = slash < 0 ? "" : artifactPath.substring(0, slash);
    try {
      Path temporary = Files.createTempDirectory("winequality-artifact");
      Path file = temporary.resolve(artifactPath.substring(slash + 1));
      try {
        Files.write(file, content);
        artifacts.upload(LocalFiles.at(file), folder);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a temporary file for " + artifactPath, e);
    }
  }

  /** Stores a value as a file of JSON, as Jackson writes it. */
  public void json(String artifactPath, Object value) {
    try {
      text(artifactPath, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot write " + artifactPath + " as JSON", e);
    }
  }

  /** Stores a file, or all files of a folder, below a path of the run's artifacts. */
  public void files(Path fileOrFolder, String artifactPath) {
    requireOpen();
    artifacts.upload(LocalFiles.at(fileOrFolder), artifactPath);
  }

  /**
   * Stores the model's files, checks the server's listing against them and logs the folder as a
   * model of this run.
   *
   * @throws MlflowException if a file did not arrive, or if an adopted run has files there already:
   *     a registered version may rest on them
   */
  public VerifiedUpload model(ModelFolder model) {
    requireOpen();
    if (ownership == Ownership.ADOPTED && !artifacts.list(model.artifactPath()).isEmpty()) {
      throw new IllegalStateException(
          "Run %s, which was adopted, has files under %s already, and a registered version may rest on them. Unset MLFLOW_RUN_ID, so that the job makes a run of its own."
              .formatted(run.id(), model.artifactPath()));
    }
    VerifiedUpload upload =
        artifacts.uploadVerified(
            LocalFiles.in(model.directory(), model.files()), model.artifactPath());
    ObjectNode json =
        JSON.createObjectNode()
            .put("run_id", run.id())
            .put("artifact_path", model.artifactPath())
            .put("utc_time_created", PYTHON_TIME.format(model.created()))
            .put("model_uuid", model.modelUuid());
    json.set("flavors", JSON.valueToTree(model.flavors()));
    connection.tracking().logModel(run.id(), model.modelUuid(), json.toString());
    return upload;
  }

  /**
   * Ends the run FINISHED.
   *
   * @throws MlflowException if the server could not be told; the run is open still, and closing it
   *     tries to end it FAILED
   * @throws IllegalStateException if it has ended
   */
  public void finish() {
    if (!state.compareAndSet(State.OPEN, State.ENDING)) {
      throw alreadyEnded();
    }
    try {
      connection.tracking().endRun(run.id(), RunStatus.FINISHED, clock.instant());
    } catch (RuntimeException | Error e) {
      state.set(State.OPEN);
      throw e;
    }
    markEnded();
  }

  /**
   * Ends the run FAILED and keeps the first line of the reason as the tag {@link #ERROR_TAG};
   * without effect on a run that has ended. It throws nothing, so that the reason is what the
   * caller goes on with.
   */
  public void fail(Throwable reason) {
    fail(firstLine(reason));
  }

  /** Ends the run FAILED unless it has ended. */
  @Override
  public void close() {
    fail("The job left the run without finishing it.");
  }

  private void fail(String reason) {
    if (!state.compareAndSet(State.OPEN, State.ENDING)) {
      return;
    }
    try {
      endFailed(connection, run, clock, reason);
    } finally {
      markEnded();
    }
  }

  private static void endFailed(MlflowConnection connection, Run run, Clock clock, String reason) {
    // a job that is cancelled comes here with its thread interrupted, and every call would give up
    boolean interrupted = Thread.interrupted();
    try {
      connection.tracking().endRun(run.id(), RunStatus.FAILED, clock.instant());
      connection.tracking().setTags(run.id(), errorTag(connection, reason));
    } catch (RuntimeException e) {
      LOG.error(
          "Run {} may stay RUNNING or without its reason on the server. {}",
          run.id(),
          connection.secrets().masked(e.toString()));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void endAtExit() {
    if (state.compareAndSet(State.OPEN, State.ENDING)) {
      try {
        connection
            .tracking()
            .endRunWithin(
                EXIT_BOUND,
                run.id(),
                RunStatus.FAILED,
                clock.instant(),
                errorTag(
                    connection,
                    "The process was stopped (SIGTERM, SIGINT or an exit) before the run was done."));
      } catch (RuntimeException e) {
        LOG.error(
            "Run {} may stay RUNNING on the server. {}",
            run.id(),
            connection.secrets().masked(e.toString()));
      }
      state.set(State.ENDED);
      return;
    }
    try {
      // somebody is ending it at this moment: let that arrive
      if (!ended.await(EXIT_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("Run {} was not ended in time.", run.id());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void markEnded() {
    state.set(State.ENDED);
    ended.countDown();
    exit.unregister(hook);
  }

  private static Map<String, String> errorTag(MlflowConnection connection, String reason) {
    return TagValues.shortened(Map.of(ERROR_TAG, connection.secrets().masked(reason)));
  }

  private static String firstLine(Throwable reason) {
    String message = String.valueOf(reason.getMessage()).strip();
    String line = message.lines().findFirst().orElse("");
    return reason.getClass().getSimpleName() + ": " + line;
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

  private void requireOpen() {
    if (state.get() != State.OPEN) {
      throw alreadyEnded();
    }
  }

  private IllegalStateException alreadyEnded() {
    return new IllegalStateException(
        "Run " + run.id() + " has ended; nothing can be logged to it, and its state stays.");
  }
}
