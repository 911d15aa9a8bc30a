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
 * Prevents two retrainings of a model from doing the same work at the same time.
 *
 * <p>The lease is a tag of the registered model, so jobs on all machines see it: the holder and the
 * time at which it expires. The holder renews it while it works, so a killed holder blocks others
 * for {@link #TERM} at most. Registries have no compare-and-set: if two jobs write at the same
 * time, the one whose tag is still there after a pause continues. If a write takes longer than the
 * pause, both continue. That costs a training but breaks nothing, because tables, versions and
 * roles are safe without the lease.
 */
public final class ModelLease implements AutoCloseable {

  /** How long a lease lasts without renewal. */
  public static final Duration TERM = Duration.ofMinutes(3);

  private static final Logger LOG = LoggerFactory.getLogger(ModelLease.class);
  private static final Duration RENEWAL = Duration.ofSeconds(40);
  private static final Duration SETTLING = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(5);

  private final RegistryCalls registry;
  private final String model;
  private final String owner;
  private final Clock clock;
  // has no thread until the lease is granted
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

  /** The answer to a request for a lease. */
  public sealed interface Answer {

    /** The caller holds the lease until it closes it. */
    record Granted(ModelLease lease) implements Answer {}

    /** Another job holds it. */
    record Held(Holder by) implements Answer {}
  }

  /** Who holds a lease, and when it expires unless it is renewed. */
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
        Instant until = Instant.parse(text.substring(at + BETWEEN.length()));
        return Optional.of(new Holder(text.substring(0, at), until));
      } catch (DateTimeException e) {
        return Optional.empty(); // a tag that somebody else wrote
      }
    }
  }

  /**
   * Requests the lease of a model, which is created if it is missing.
   *
   * @param owner unique for this run of the job
   * @param wait how long to repeat the request while another job holds the lease
   * @throws IllegalStateException if the thread is interrupted
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
        }
        if (other.isEmpty()) {
          var unused =
              lease.renewal.scheduleWithFixedDelay(
                  lease::renew, RENEWAL.toSeconds(), RENEWAL.toSeconds(), TimeUnit.SECONDS);
          return new Answer.Granted(lease);
        }
        if (!clock.instant().isBefore(end)) {
          return new Answer.Held(other.get());
        }
        if (!told) {
          LOG.info(
              "Waiting until {} for another retraining of {} (job {})",
              end,
              model,
              other.get().owner());
          told = true;
        }
        pause.of(POLL);
      }
    } catch (InterruptedException e) {
      lease.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "The job was stopped while it waited for the lease of " + model, e);
    }
  }

  /** Returns the lease; if another job took it meanwhile, that one stays. */
  @Override
  public void close() {
    renewal.shutdownNow();
    try {
      if (holder().filter(holder -> holder.owner().equals(owner)).isPresent()) {
        registry.deleteModelTag(model, JobTags.RETRAINING);
      }
    } catch (MlflowException e) {
      LOG.warn(
          "The lease of {} (tag {}) could not be returned, so other retrainings wait until it expires: {}",
          model,
          JobTags.RETRAINING,
          e.getMessage());
    }
  }

  void renew() {
    try {
      Optional<Holder> other = other();
      if (other.isPresent()) {
        LOG.warn(
            "Another retraining of {} (job {}) runs at the same time; the gate keeps the better model",
            model,
            other.get().owner());
        renewal.shutdown();
      } else {
        write();
      }
    } catch (RuntimeException e) {
      // rethrown it would end the renewals; the next one may succeed
      LOG.warn(
          "The lease of {} (tag {}) could not be renewed; the next try follows in {} s: {}",
          model,
          JobTags.RETRAINING,
          RENEWAL.toSeconds(),
          e.getMessage());
    }
  }

  /** Writes the tag; returns the holder if another job wrote at the same time. */
  private Optional<Holder> written(Pause pause) throws InterruptedException {
    try {
      write();
    } catch (MlflowException e) {
      // MLflow's database refuses the second of two simultaneous inserts
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
