package winequality.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.run.KeptRun;
import sparkmlflow.run.Outbox;
import sparkmlflow.run.RunTracker;
import winequality.app.job.JobContext;
import winequality.app.job.JobOptions;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.SparkJob;
import winequality.app.job.UsageException;
import winequality.app.training.Publication;
import winequality.config.Settings;

/** Brings the runs that were kept during an outage of MLflow to the server, the oldest first. */
public final class PublicationJob implements SparkJob {

  private static final Logger LOG = LoggerFactory.getLogger(PublicationJob.class);

  public static void main(String[] args) {
    JobRunner.main("publish", new PublicationJob(), args);
  }

  @Override
  public void require(JobOptions given, Settings settings) {
    if (settings.outbox().isEmpty()) {
      throw new UsageException(
          "mlflow.on-outage is fail, so there is no outbox; set it to keep, and mlflow.outbox-dir to the folder with the kept runs");
    }
    settings
        .outbox()
        .flatMap(Outbox::problem)
        .ifPresent(
            problem -> {
              throw new UsageException("mlflow.outbox-dir: " + problem);
            });
    if (given.choosePenalty()) {
      throw new UsageException(
          "--alpha and --lambda are for train; publish brings models that are trained already");
    }
  }

  @Override
  public void rehearse(JobContext context) {
    List<Path> entries = entries(context);
    List<Path> could = new ArrayList<>();
    forEach(
        entries,
        entry -> {
          try (KeptRun kept = KeptRun.open(entry)) {
            if (!Publication.isForAnother(kept, context.settings())) {
              LOG.info("{} could be published, run {}", entry, kept.url());
              could.add(entry);
            }
          }
        });
    requireAny(entries, !could.isEmpty());
  }

  @Override
  public JobStatus run(JobContext context) {
    List<JobStatus> ended = new ArrayList<>();
    List<Path> entries = entries(context);
    try (MlflowConnection connection = context.connect()) {
      new RunTracker(connection, context.clock()).endDead();
      Publication publication = new Publication(context, connection);
      try {
        forEach(entries, entry -> ended.add(publication.publish(entry)));
      } catch (RuntimeException e) {
        if (entries.size() > 1) {
          context.report().forget(); // it may describe another run than the failed one
        }
        throw e;
      }
    }
    ended.removeIf(status -> status == JobStatus.SKIPPED);
    requireAny(entries, !ended.isEmpty());
    return ended.isEmpty() ? JobStatus.SKIPPED : ended.get(ended.size() - 1);
  }

  private static void requireAny(List<Path> entries, boolean any) {
    if (!entries.isEmpty() && !any) {
      throw new UsageException(
          "Nothing to publish: what is kept is for other models, which the log names. Give publish the --config of their training");
    }
  }

  /** Goes on after an entry that fails, but not if the server is away. */
  private static void forEach(List<Path> entries, Consumer<Path> work) {
    RuntimeException failed = null;
    for (Path entry : entries) {
      try {
        work.accept(entry);
      } catch (RuntimeException e) {
        if (e instanceof MlflowException away && away.outlook() != MlflowException.Outlook.FINAL) {
          throw e;
        }
        LOG.error("{} stays. {}", entry, e.getMessage());
        failed = e;
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  private static List<Path> entries(JobContext context) {
    Outbox outbox = context.settings().outbox().orElseThrow();
    List<Path> entries = outbox.entries();
    if (!Files.exists(outbox.folder())) {
      LOG.warn(
          "{} does not exist, so nothing is kept there. Give the same --config and mlflow.outbox-dir as to the job that kept its work.",
          outbox.folder());
    } else if (entries.isEmpty()) {
      LOG.info("Nothing is kept in {}", outbox.folder());
    }
    return entries;
  }
}
