package sparkmlflow.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.model.ModelFolder;

/**
 * Lets a run's job go on while MLflow is away, and keeps the finished work in the outbox if that
 * lasts, or if the process is stopped before MLflow has everything.
 */
final class Keeper {

  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

  private final MlflowConnection connection;
  private final RunArtifacts artifacts;
  private final Clock clock;
  private final Optional<Outbox> outbox;
  private final Outbox.Contents contents = new Outbox.Contents();
  private volatile @Nullable MlflowException outage;
  private @Nullable String kept;

  Keeper(
      MlflowConnection connection, RunArtifacts artifacts, Clock clock, Optional<Outbox> outbox) {
    this.connection = connection;
    this.artifacts = artifacts;
    this.clock = clock;
    this.outbox = outbox;
  }

  /** Notes what is about to be sent, and sends it unless MLflow is away. */
  void send(Note note) {
    if (outbox.isPresent()) {
      contents.add(note);
    }
    unlessAway(() -> note.send(connection.tracking(), artifacts));
  }

  void ready(ModelFolder model, Optional<KeptRun.Version> version) {
    contents.ready(model, version);
  }

  /** The run cannot be kept. */
  void spoil() {
    contents.spoil();
  }

  boolean isAway() {
    return outage != null;
  }

  /** As {@link ActiveRun#unlessAway}. */
  boolean unlessAway(Runnable work) {
    if (isAway()) {
      return false;
    }
    try {
      work.run();
      return true;
    } catch (MlflowException e) {
      // the login was accepted when the run was opened, so it has expired and may be renewed
      boolean refused = e.outlook() == MlflowException.Outlook.FINAL && !e.refusedLogin();
      boolean cancelled = Thread.currentThread().isInterrupted();
      if (outbox.isEmpty() || cancelled || (refused && !contents.areWhole())) {
        throw e;
      }
      LOG.error(
          "{} The job goes on. What MLflow did not take is sent once more when the model is done, or else kept in {}.",
          e.getMessage(),
          outbox.get().folder());
      outage = e;
      return false;
    }
  }

  /** Sends what was noted since a failure, if there was one, or throws the failure if it lasts. */
  void catchUp() {
    MlflowException failure = outage;
    if (failure == null) {
      return;
    }
    try {
      Heartbeat.sign(connection.tracking(), artifacts.run().id(), clock);
    } catch (MlflowException e) {
      throw failure;
    }
    LOG.info("MLflow answers; sending what was noted meanwhile.");
    contents.notes().forEach(note -> note.send(connection.tracking(), artifacts));
    outage = null;
  }

  /** As {@link ActiveRun#keeping}. */
  <T> T keeping(Supplier<T> work) {
    try {
      return work.get();
    } catch (MlflowException e) {
      throw kept(e);
    } finally {
      end();
    }
  }

  private synchronized MlflowException kept(MlflowException failure) {
    return outbox.isPresent() && contents.areWhole()
        ? failure.with(keep(outbox.get(), String.valueOf(failure.getMessage())))
        : failure;
  }

  /** From here on nothing is kept, because the model's files go; a copy that runs ends first. */
  private synchronized void end() {
    contents.spoil();
  }

  /** Keeps the work of a process that is stopped; never throws. */
  synchronized void stopped(String why) {
    if (outbox.isPresent() && contents.areWhole()) {
      LOG.error("{} {}", why, keep(outbox.get(), why));
    }
  }

  /** Returns the sentence that says where the run is kept; it is kept once. */
  private String keep(Outbox to, String why) {
    if (kept == null) {
      try {
        String url = connection.runUrl(artifacts.run());
        String reason = connection.secrets().masked(why);
        String workspace = connection.settings().login().workspace();
        Path entry = to.keep(artifacts.run(), url, workspace, contents, clock.instant(), reason);
        kept =
            "The finished work is kept in %s. Once MLflow takes it, `%s` registers it and asks the gate."
                .formatted(entry, to.publish());
      } catch (IOException | RuntimeException e) {
        kept =
            "The finished work could not be kept in %s (%s), and is lost."
                .formatted(to.folder(), e);
      }
    }
    return kept;
  }
}
