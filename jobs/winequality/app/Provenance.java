package winequality.app;

import java.util.LinkedHashMap;
import java.util.Map;
import winequality.data.DeltaLake;
import winequality.tracking.RunOrigin;
import winequality.tracking.SourceType;

/** Where a run comes from: code, versions, settings, caller. */
final class Provenance {

  private final JobContext context;

  Provenance(JobContext context) {
    this.context = context;
  }

  /** Who started the run, known before anything is read. */
  RunOrigin origin() {
    return new RunOrigin(
        System.getProperty("user.name"), context.mainClass(), SourceType.JOB, tags());
  }

  /** Versions and settings, as tags. */
  Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("winequality.job_id", context.jobId());
    tags.put("winequality.settings_hash", context.settings().fingerprint());
    tags.put("winequality.spark_version", context.spark().version());
    tags.put("winequality.spark_application", context.spark().sparkContext().applicationId());
    tags.put("winequality.java_version", Runtime.version().toString());
    DeltaLake.version().ifPresent(version -> tags.put("winequality.delta_version", version));
    BuildInfo.commit().ifPresent(commit -> tags.put("mlflow.source.git.commit", commit));
    return tags;
  }
}
