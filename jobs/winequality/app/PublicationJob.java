package winequality.app;

import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.run.KeptRun;
import sparkmlflow.run.Outbox;
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
    if (given.choosePenalty()) {
      throw new UsageException(
          "--alpha and --lambda are for train; publish brings models that are trained already");
    }
  }

  @Override
  public void rehearse(JobContext context) {
    for (Path entry : entries(context)) {
      try (KeptRun kept = KeptRun.open(entry)) {
        LOG.info("{} could be published, run {}", entry, kept.url());
      }
    }
  }

  @Override
  public JobStatus run(JobContext context) {
    JobStatus status = JobStatus.SKIPPED;
    try (MlflowConnection connection = context.connect()) {
      Publication publication = new Publication(context, connection);
      MlflowException refused = null;
      for (Path entry : entries(context)) {
        try {
          JobStatus published = publication.publish(entry);
          status = published == JobStatus.SKIPPED ? status : published;
        } catch (MlflowException e) {
          if (e.outlook() != MlflowException.Outlook.FINAL) {
            throw e;
          }
          // the others may be taken
          LOG.error("{} stays. {}", entry, e.getMessage());
          refused = e;
        }
      }
      if (refused != null) {
        throw refused;
      }
    }
    return status;
  }

  private static List<Path> entries(JobContext context) {
    Outbox outbox = context.settings().outbox().orElseThrow();
    List<Path> entries = outbox.entries();
    if (entries.isEmpty()) {
      LOG.info("Nothing is kept in {}", outbox.folder());
    }
    return entries;
  }
}
