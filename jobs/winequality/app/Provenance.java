package winequality.app;

import java.util.LinkedHashMap;
import java.util.Map;
import winequality.config.Settings;
import winequality.data.DeltaLake;
import winequality.tracking.CallerSettings;
import winequality.tracking.RunOrigin;
import winequality.tracking.SourceType;

/** Where a run comes from: who, which code, which versions, which settings. */
final class Provenance {

  private Provenance() {}

  /** All that is known before anything is read. */
  static RunOrigin of(JobContext context) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("winequality.job_id", context.jobId());
    tags.put("winequality.spark_version", context.spark().version());
    tags.put("winequality.spark_application", context.spark().sparkContext().applicationId());
    DeltaLake.version().ifPresent(version -> tags.put("winequality.delta_version", version));
    return of(context.settings(), context.mainClass(), tags);
  }

  /** The same without Spark. */
  static RunOrigin of(ErrandContext context) {
    return of(context.settings(), context.mainClass(), Map.of());
  }

  private static RunOrigin of(Settings settings, String mainClass, Map<String, String> own) {
    Map<String, String> tags = new LinkedHashMap<>(own);
    tags.put("winequality.main_class", mainClass);
    tags.put("winequality.settings_hash", settings.fingerprint());
    tags.put("winequality.java_version", Runtime.version().toString());
    BuildInfo.commit().ifPresent(commit -> tags.put("mlflow.source.git.commit", commit));
    if (BuildInfo.dirty()) {
      // the commit alone would name code that did not run
      tags.put("winequality.uncommitted_changes", "true");
    }
    CallerSettings caller = settings.caller();
    tags.putAll(caller.tags());
    return new RunOrigin(
        System.getProperty("user.name"), caller.sourceName(mainClass), SourceType.JOB, tags);
  }
}
