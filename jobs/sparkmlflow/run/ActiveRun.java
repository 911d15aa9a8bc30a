package sparkmlflow.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.tracking.LoggedModels;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TagValues;
import sparkmlflow.wire.RestCalls;

/**
 * An open run. It ends FINISHED or FAILED, whatever happens to the job, if the server can be told.
 *
 * <p>Only {@link #finish()} makes it FINISHED. A job calls that after all its work, including the
 * registration of a version. The run ends FAILED, with the reason in the tag {@link
 * MlflowTags#ERROR}, on {@link #close()} without {@code finish()}, on a signal (SIGTERM, SIGINT)
 * and when the JVM exits. None of these changes a run that has ended. After a SIGKILL, the loss of
 * the machine or an outage that lasts, the next run that is opened in the experiment, at least ten
 * minutes later, ends it KILLED; a run that was resumed stays RUNNING.
 *
 * <p>A FAILED run can therefore have a registered version, if something failed after the version
 * was made. If only the call that ends the run failed, the tag {@link MlflowTags#WORK} is set.
 */
public final class ActiveRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ActiveRun.class);
  private static final int PARAM_BYTES = 6000;

  enum Ownership {
    CREATED,
    ADOPTED,
    /** By a publication of what was kept. */
    REOPENED
  }

  private final MlflowConnection connection;
  private final Run run;
  private final Ownership ownership;
  private final Clock clock;
  private final RunArtifacts artifacts;
  private final RunEnding ending;
  private final RunModel model = new RunModel();
  private final Keeper keeper;
  private final Map<String, String> params;
  private final Set<List<String>> datasets = new HashSet<>();
  private final Set<LoggedTable> tables = new LinkedHashSet<>();

  private ActiveRun(
      MlflowConnection connection,
      Run run,
      Ownership ownership,
      Clock clock,
      RunArtifacts artifacts,
      RunEnding ending,
      Keeper keeper) {
    this.connection = connection;
    this.run = run;
    this.ownership = ownership;
    this.clock = clock;
    this.artifacts = artifacts;
    this.ending = ending;
    this.keeper = keeper;
    this.params = new LinkedHashMap<>(run.params());
  }

  /**
   * Takes over a run of the server; if that fails, the run ends FAILED.
   *
   * @throws MlflowException if files cannot be stored under the run's artifact root
   * @throws IllegalStateException if the JVM is shutting down
   */
  static ActiveRun of(
      MlflowConnection connection,
      Run run,
      Ownership ownership,
      Clock clock,
      JvmExit exit,
      Optional<Outbox> outbox) {
    RunEnding ending = new RunEnding(connection, run, clock, exit);
    try {
      RunArtifacts artifacts = connection.artifacts(run);
      Keeper keeper = new Keeper(connection, artifacts, clock, outbox);
      ending.watchExit(keeper::stopped);
      return new ActiveRun(connection, run, ownership, clock, artifacts, ending, keeper);
    } catch (RuntimeException | Error e) {
      ending.fail(e);
      throw e;
    }
  }

  /** Lets the run show that its job is alive, until it ends. */
  void beat() {
    ending.beat();
  }

  public Run run() {
    return run;
  }

  /** The run's page in the UI. */
  public String url() {
    return connection.runUrl(run);
  }

  /** The page of one of the run's files in the UI. */
  public String url(String artifactPath) {
    return connection.artifactUrl(run, artifactPath);
  }

  /**
   * Logs params, except those that the run already has with the same value or the same number in
   * another notation, because {@code mlflow run} logs the params of an MLproject before the job
   * does.
   *
   * @throws MlflowException if an adopted run has one with another value; MLflow never changes a
   *     param
   * @throws IllegalArgumentException if a value has more than 6,000 bytes; params are never cut
   */
  public void params(Map<String, String> values) {
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
            keeper.spoil(); // what follows would be missing, and a publication be refused too
            throw MlflowException.refused(
                "log params of run " + run.id(),
                "param %s of run %s is %s already and cannot become %s; MLflow never changes a param. If the run was adopted, unset MLFLOW_RUN_ID, so that the job creates its own run."
                    .formatted(key, run.id(), logged, value));
          }
        });
    send(new Note.Params(fresh));
    params.putAll(fresh);
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

  /**
   * Logs metrics at step 0. NaN is stored as NaN. The server stores an infinite value as the
   * largest finite value of its sign, and the log names the metric.
   */
  public void metrics(Map<String, Double> values) {
    Instant now = clock.instant();
    log(
        values.entrySet().stream()
            .map(e -> new MetricPoint(e.getKey(), e.getValue(), 0, now))
            .toList());
  }

  public void metric(String name, long firstStep, List<Double> values) {
    Instant now = clock.instant();
    log(
        IntStream.range(0, values.size())
            .mapToObj(i -> new MetricPoint(name, values.get(i), firstStep + i, now))
            .toList());
  }

  private void log(List<MetricPoint> points) {
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
    send(new Note.Metrics(points));
  }

  /** Sets or replaces tags. Values above 5,000 bytes are cut, and the log names their tags. */
  public void tags(Map<String, String> values) {
    send(new Note.Tags(TagValues.shortened(values)));
  }

  /** Sets the Markdown text at the top of the run's page; cut like a tag. */
  public void description(String markdown) {
    tags(Map.of(MlflowTags.NOTE, markdown));
  }

  /**
   * Adds rows of Delta tables to the run's inputs. Throws {@link IllegalArgumentException} if two
   * have the same name and digest, because the server would keep only one of them.
   */
  public void inputs(List<DeltaInput> inputs) {
    for (DeltaInput input : inputs) {
      if (!datasets.add(List.of(input.name(), input.digest()))) {
        throw new IllegalArgumentException(
            "two inputs are called %s with digest %s; the digest must tell their rows apart"
                .formatted(input.name(), input.digest()));
      }
    }
    send(new Note.Inputs(inputs.stream().map(DeltaInput::entry).toList()));
  }

  /** Stores a UTF-8 text as a file, at a path such as {@code report/summary.md}. */
  public void text(String artifactPath, String content) {
    bytes(artifactPath, content.getBytes(StandardCharsets.UTF_8));
  }

  public void bytes(String artifactPath, byte[] content) {
    send(new Note.File(artifactPath, content));
  }

  public void json(String artifactPath, Object value) {
    try {
      text(artifactPath, RestCalls.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot write " + artifactPath + " as JSON", e);
    }
  }

  /** Stores rows as {@code mlflow.log_table} does, so that the UI shows them as a table. */
  public void table(String artifactPath, List<String> columns, List<? extends List<?>> rows) {
    json(artifactPath, new Table(columns, rows));
    shownAsTable(artifactPath);
  }

  private record LoggedTable(String path, String type) {}

  private record Table(List<String> columns, List<? extends List<?>> data) {}

  /** Makes the UI show a stored file, which has the form of {@link #table}, as a table. */
  public void shownAsTable(String artifactPath) {
    tables.add(new LoggedTable(artifactPath, "table"));
    tags(Map.of(MlflowTags.LOGGED_TABLES, RestCalls.JSON.valueToTree(tables).toString()));
  }

  /**
   * Stores a file, or all files of a folder, below a path of the run's artifacts. They are not part
   * of a run that is kept in an outbox.
   */
  public void files(Path fileOrFolder, String artifactPath) {
    ending.requireOpen();
    artifacts.upload(LocalFiles.at(fileOrFolder), artifactPath);
  }

  /**
   * Stores the model's files, compares them with the server's listing and logs the folder as a
   * model of this run.
   *
   * @return the files of the logged model, if a version can be made from one here; else the run's
   * @throws MlflowException if a file did not arrive, or if an adopted run already has files there,
   *     which a registered version may use
   */
  public VerifiedFolder model(ModelFolder folder) {
    ending.requireOpen();
    keeper.catchUp();
    String path = folder.artifactPath();
    List<StoredFile> there = ownership == Ownership.CREATED ? List.of() : artifacts.list(path);
    requireNone(folder, there);
    LocalFiles files = LocalFiles.in(folder.directory(), folder.files());
    VerifiedFolder ofRun =
        VerifiedFolder.differences(path, files, there).isEmpty()
            ? VerifiedFolder.uploaded(run, path, files, there)
            : artifacts.uploadVerified(files, path);
    VerifiedFolder upload =
        model
            .log(connection, run, folder, files)
            .filter(id -> connection.registersLoggedModels())
            .map(id -> ofRun.at(LoggedModels.uri(id)))
            .orElse(ofRun);
    if (ownership == Ownership.REOPENED
        && connection.tracking().hasModel(run.id(), folder.modelUuid())) {
      return upload;
    }
    ObjectNode logged =
        RestCalls.JSON
            .createObjectNode()
            .put("run_id", run.id())
            .put("artifact_path", path)
            .put("utc_time_created", folder.utcTimeCreated())
            .put("model_uuid", folder.modelUuid());
    logged.set("flavors", RestCalls.JSON.valueToTree(folder.flavors()));
    connection.tracking().logModel(run.id(), folder.modelUuid(), logged.toString());
    return upload;
  }

  private void requireNone(ModelFolder model, List<StoredFile> there) {
    if (ownership == Ownership.ADOPTED && !there.isEmpty()) {
      keeper.spoil();
      throw MlflowException.refused(
          "log the model of run " + run.id(),
          "Run %s was adopted and already has files under %s, which a registered version may use. Unset MLFLOW_RUN_ID, so that the job creates its own run."
              .formatted(run.id(), model.artifactPath()));
    }
  }

  /** Throws MlflowException if the run has files of another model where the kept one belongs. */
  static void requireNoOther(Run run, KeptRun kept, RunArtifacts artifacts) {
    ModelFolder model = kept.model();
    String path = model.artifactPath();
    // what an upload that broke off has left is part of this model
    Set<String> own = new HashSet<>();
    model.files().forEach(name -> own.add(StoredFile.prefix(path) + name));
    List<String> foreign =
        artifacts.list(path).stream()
            .map(StoredFile::path)
            .filter(file -> !own.contains(file))
            .toList();
    if (!foreign.isEmpty()) {
      throw MlflowException.refused(
          "log the model of run " + run.id(),
          "Run %s has files of another model under %s, which a registered version may use: %s. Another job has used the run since (MLFLOW_RUN_ID), so the kept model can no longer be published to it; train again without MLFLOW_RUN_ID if you need it, then delete %s."
              .formatted(run.id(), path, VerifiedFolder.named(foreign), kept.folder()));
    }
  }

  /**
   * Says that only the server's part of the work is left: from here on the run is kept, whatever
   * the server refuses. To be called before the results are logged.
   *
   * @param version to register from the model; empty for none
   * @throws MlflowException as {@link #model}, if the run was adopted and has a model
   */
  public void ready(ModelFolder model, Optional<KeptRun.Version> version) {
    ending.requireOpen();
    keeper.unlessAway(
        () -> {
          if (ownership == Ownership.ADOPTED) {
            requireNone(model, artifacts.list(model.artifactPath()));
          }
        });
    keeper.ready(model, version);
  }

  /**
   * Does work and finishes the run. If MLflow goes away meanwhile and there is an outbox, the work
   * goes on without it up to {@link #model}; if MLflow is still away then, or refuses anything
   * after {@link #ready}, or the process is stopped after that, the run is kept.
   *
   * @throws MlflowException if MLflow failed; the message says where the run is kept, if it is
   */
  public <T> T keeping(Supplier<T> work) {
    return keeper.keeping(
        () -> {
          T result = work.get();
          keeper.catchUp();
          finish();
          return result;
        });
  }

  /**
   * Sends everything that was kept. What the server has already stays as it is.
   *
   * @return the model, ready to be registered
   */
  public VerifiedFolder replay(KeptRun kept) {
    kept.notes().forEach(this::send);
    return model(kept.model());
  }

  private void send(Note note) {
    ending.requireOpen();
    model.see(note);
    keeper.send(note);
  }

  /**
   * Does work that needs the server now and that no kept run contains. During an outage it is
   * skipped.
   *
   * @return whether it was completed
   */
  public boolean unlessAway(Runnable work) {
    return keeper.unlessAway(work);
  }

  boolean isOpen() {
    return ending.isOpen();
  }

  /**
   * Ends the run FINISHED.
   *
   * @throws MlflowException if the server could not be told; closing the run then tries to end it
   *     FAILED
   * @throws IllegalStateException if it has ended
   */
  public void finish() {
    ending.finish();
  }

  /**
   * Ends the run FAILED with the first line of the reason in the tag {@link MlflowTags#ERROR},
   * unless it has ended. It never throws, so that the caller can rethrow the reason.
   */
  public void fail(Throwable reason) {
    boolean away =
        reason instanceof MlflowException failure
            && failure.outlook() != MlflowException.Outlook.FINAL;
    boolean cancelled = Thread.currentThread().isInterrupted();
    if ((away || keeper.isAway()) && !cancelled) {
      ending.abandon(reason);
    } else {
      ending.fail(reason);
    }
  }

  /** Ends the run FAILED unless it has ended. */
  @Override
  public void close() {
    ending.fail("The job left the run without finishing it.");
  }
}
