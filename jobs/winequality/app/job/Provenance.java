package winequality.app.job;

import java.util.LinkedHashMap;
import java.util.Map;
import sparkmlflow.MlflowTags;
import sparkmlflow.run.RunOrigin;
import sparkmlflow.run.SourceType;
import winequality.JobTags;
import winequality.config.Settings;
import winequality.data.table.DeltaLocation;
import winequality.record.CallerSettings;

/** Where a run comes from: user, code, versions, settings. */
public final class Provenance {

  private Provenance() {}

  /** What is known before any data is read. */
  public static RunOrigin of(JobContext context) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.RUN_JOB_ID, context.jobId());
    tags.put(MlflowTags.SPARK_VERSION, context.spark().version());
    tags.put(MlflowTags.SPARK_APPLICATION, context.spark().sparkContext().applicationId());
    DeltaLocation.deltaVersion().ifPresent(version -> tags.put(JobTags.RUN_DELTA_VERSION, version));
    return of(context.settings(), context.mainClass(), tags);
  }

  public static RunOrigin of(DriverContext context) {
    return of(context.settings(), context.mainClass(), Map.of());
  }

  private static RunOrigin of(Settings settings, String mainClass, Map<String, String> own) {
    Map<String, String> tags = new LinkedHashMap<>(own);
    tags.put(JobTags.RUN_MAIN_CLASS, mainClass);
    tags.put(JobTags.RUN_SETTINGS_HASH, settings.fingerprint());
    tags.put(JobTags.RUN_JAVA_VERSION, Runtime.version().toString());
    BuildInfo.commit().ifPresent(commit -> tags.put(MlflowTags.GIT_COMMIT, commit));
    if (BuildInfo.dirty()) {
      // the commit alone would point to other code than the one that ran
      tags.put(JobTags.RUN_UNCOMMITTED_CHANGES, "true");
    }
    CallerSettings caller = settings.caller();
    tags.putAll(caller.tags());
    return new RunOrigin(
        System.getProperty("user.name"), caller.sourceName(mainClass), SourceType.JOB, tags);
  }
}
