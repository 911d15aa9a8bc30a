package winequality.gate;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.Pause;
import sparkmlflow.registry.RegisteredModel;
import sparkmlflow.registry.RegistryCalls;
import winequality.JobTags;

/**
 * Keeps a second retraining of a model from doing the work of the first once more.
 *
 * <p>It is a tag of the registered model, which every job sees wherever it runs: the holder, and
 * the moment from which on it counts no more. The holder moves that moment on while it works, so
 * that one that was killed is in the way for {@link #TERM} only. A registry has no compare-and-set:
 * of two that look at the same moment both may write, and the one whose tag is there after a pause
 * goes on. Should a write take longer than the pause, both go on. That costs a training and harms
 * nothing: tables, versions and roles are safe without the lease.
 */
public final class ModelLease implements AutoCloseable {

  /** How long a holder that is not heard of any more is believed. */
  public static final Duration TERM = Duration.ofMinutes(3);

  private static final Logger LOG = LoggerFactory.getLogger(ModelLease.class);
  private static final Duration RENEWAL = Duration.ofSeconds(40);
  private static final Duration SETTLING = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(5);

  private final RegistryCalls registry;
  private final String model;
  private final String owner;
  private final Clock clock;
  private final ScheduledExecutorService renewal =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "lease-renewal");
            thread.setDaemon(true);
            return thread;
          });

  private ModelLease(RegistryCalls registry, String model, String owner, Clock clock) {
    this.registry = registry;
    this.model = model;
    this.owner = owner;
    this.clock = clock;
  }

  /** What asking for a lease comes to. */
  public sealed interface Answer {

    /** The lease is the asker's until it is closed. */
    record Granted(ModelLease lease) implements Answer {}

    /** Another one has it. */
    record Held(Holder by) implements Answer {}
  }

  /** Who has a lease, and until when unless it is renewed. */
  public record Holder(String owner, Instant until) {

    private static final String BETWEEN = " until ";

    private String text() {
      return owner + BETWEEN + until;
    }

    private static Optional<Holder> of(String text) {
      int at = text.lastIndexOf(BETWEEN);
      if (at < 0) {
        return Optional.empty();
      }
      try {
        return Optional.of(
            new Holder(
                text.substring(0, at), Instant.parse(text.substring(at + BETWEEN.length()))));
      } catch (DateTimeException e) {
        return Optional.empty(); // somebody's own tag
      }
    }
  }

  /**
   * Asks for the lease of a model, which is made if it is missing.
   *
   * @param owner unique for this start of the job
   * @param wait how long to ask again while another one has it
   * @throws MlflowException if the registry is not reached or refuses
   * @throws IllegalStateException if the job is being stopped meanwhile
   */
  public static Answer of(
      RegistryCalls registry, String model, String owner, Duration wait, Clock clock, Pause pause) {
    registry.ensureModel(model);
    ModelLease lease = new ModelLease(registry, model, owner, clock);
    Instant end = clock.instant().plus(wait);
    boolean told = false;
    try {
      while (true) {
        Optional<Holder> other = lease.other();
        if (other.isEmpty()) {
          other = lease.written(pause);
          if (other.isEmpty()) {
            var unused =
                lease.renewal.scheduleWithFixedDelay(
                    lease::renew, RENEWAL.toSeconds(), RENEWAL.toSeconds(), TimeUnit.SECONDS);
            return new Answer.Granted(lease);
          }
        }
        if (!clock.instant().isBefore(end)) {
          lease.renewal.shutdownNow();
          return new Answer.Held(other.get());
        }
        if (!told) {
          LOG.info("Waiting for another retraining of {} (job {})", model, other.get().owner());
          told = true;
        }
        pause.of(POLL);
      }
    } catch (InterruptedException e) {
      lease.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "The job was stopped while it waited for the lease of " + model, e);
    } catch (RuntimeException e) {
      lease.renewal.shutdownNow();
      throw e;
    }
  }

  /** Gives the lease back; one that somebody else has taken since stays. */
  @Override
  public void close() {
    renewal.shutdownNow();
    try {
      if (holder().filter(holder -> holder.owner().equals(owner)).isPresent()) {
        registry.deleteModelTag(model, JobTags.RETRAINING);
      }
    } catch (MlflowException e) {
      LOG.warn(
          "The tag {} of {} stays until it expires: {}", JobTags.RETRAINING, model, e.getMessage());
    }
  }

  void renew() {
    try {
      Optional<Holder> other = other();
      if (other.isPresent()) {
        LOG.warn(
            "Another retraining of {} (job {}) works beside this one; the gate keeps the better model",
            model,
            other.get().owner());
        renewal.shutdown();
      } else {
        write();
      }
    } catch (RuntimeException e) {
      // thrown further it would end the renewals; the next one may reach the registry
      LOG.warn(
          "The tag {} of {} could not be renewed: {}", JobTags.RETRAINING, model, e.getMessage());
    }
  }

  /** Writes the tag; who has the lease nevertheless, because he wrote at the same moment. */
  private Optional<Holder> written(Pause pause) throws InterruptedException {
    try {
      write();
    } catch (MlflowException e) {
      // MLflow's database refuses the second of two first tags
      Optional<Holder> quicker = other();
      if (quicker.isEmpty()) {
        throw e;
      }
      return quicker;
    }
    pause.of(SETTLING);
    return other();
  }

  private void write() {
    registry.setModelTag(
        model, JobTags.RETRAINING, new Holder(owner, clock.instant().plus(TERM)).text());
  }

  private Optional<Holder> other() {
    return holder()
        .filter(holder -> !holder.owner().equals(owner))
        .filter(holder -> holder.until().isAfter(clock.instant()));
  }

  private Optional<Holder> holder() {
    return registry
        .model(model)
        .map(RegisteredModel::tags)
        .flatMap(tags -> Optional.ofNullable(tags.get(JobTags.RETRAINING)))
        .flatMap(Holder::of);
  }
}
