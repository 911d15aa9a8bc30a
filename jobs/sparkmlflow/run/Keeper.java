package sparkmlflow.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  private static final Duration EXIT_BOUND = Duration.ofSeconds(20);

  private final MlflowConnection connection;
  private final RunArtifacts artifacts;
  private final Clock clock;
  private final Optional<Outbox> outbox;
  private final Outbox.Contents contents = new Outbox.Contents();
  private volatile @Nullable MlflowException outage;
  private volatile boolean cancelled;
  private volatile @Nullable String stopping;
  private volatile @Nullable Thread worker;
  private final CountDownLatch ended = new CountDownLatch(1);
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
      boolean interrupted = Thread.interrupted();
      // a job interrupted between the end of the work and the upload has more to note
      boolean atOnce = interrupted && contents.areWhole();
      if (outbox.isEmpty() || atOnce || ((refused || interrupted) && !contents.areReady())) {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        throw e;
      }
      cancelled |= interrupted;
      LOG.error(
          "{} The job goes on. What MLflow did not take is sent once more when the model is done, or else kept in {}.",
          e.getMessage(),
          outbox.get().folder());
      outage = e;
      return false;
    }
  }

  /**
   * Sends what was noted since a failure, if there was one, or throws the failure if it lasts. By
   * now everything is noted that a kept run needs.
   */
  void catchUp() {
    contents.complete();
    MlflowException failure = outage;
    if (failure == null) {
      return;
    }
    if (cancelled) {
      throw failure;
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
    worker = Thread.currentThread();
    try {
      return work.get();
    } catch (Throwable e) {
      String why = stopping;
      if (why != null) {
        throw kept(
            MlflowException.unanswered("finish the run", MlflowException.Outlook.UNKNOWN, why, e));
      }
      if (e instanceof MlflowException failure) {
        throw kept(failure);
      }
      throw e;
    } finally {
      end();
    }
  }

  private synchronized MlflowException kept(MlflowException failure) {
    if (outbox.isEmpty() || !contents.areWhole()) {
      return failure;
    }
    // an interrupted thread can write no file
    cancelled |= Thread.interrupted();
    MlflowException told = failure.with(keep(outbox.get(), String.valueOf(failure.getMessage())));
    if (stopping != null) {
      LOG.error("{}", told.getMessage()); // nobody else does when the JVM exits
    }
    return told;
  }

  /** From here on nothing is kept, because the model's files go. */
  private synchronized void end() {
    contents.spoil();
    worker = null;
    ended.countDown();
    if (cancelled && stopping == null) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Called when the process is stopped: if the work is nearly done, lets it go on without MLflow
   * until it can be kept, and waits for that. Never throws.
   */
  void stopped(String why) {
    synchronized (this) {
      Thread thread = worker;
      if (outbox.isEmpty() || thread == null || kept != null || !contents.areReady()) {
        return;
      }
      stopping = why;
      thread.interrupt();
    }
    try {
      if (!ended.await(EXIT_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("{} The finished work could not be kept in time, and is lost.", why);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
            "The finished work is kept in %s. Once MLflow takes it, `%s` publishes it."
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
