package winequality.app.training;

import elasticnet.TuningSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.tracking.Run;
import winequality.JobTags;
import winequality.app.job.CodeHash;
import winequality.app.job.JobContext;
import winequality.config.Settings;
import winequality.data.Fingerprint;
import winequality.data.profile.TableProfile;
import winequality.data.table.DeltaLake;
import winequality.data.table.TableVersion;
import winequality.record.TrainingRecord;

/**
 * What decides a model, and its place: rows, settings, code and the gate's settings. Two trainings
 * with equal rows, settings and code give the same model.
 *
 * @param tags of a version that was trained from this
 */
public record Lineage(Map<String, String> tags) {

  /** A difference between what a version was trained from and what there is now. */
  public enum Change {
    TABLE("another table"),
    ROWS("another version of the table"),
    SETTINGS("other settings"),
    CODE("other code");

    private final String text;

    Change(String text) {
      this.text = text;
    }

    private List<String> keys() {
      return switch (this) {
        case TABLE -> List.of(JobTags.TABLE, JobTags.TABLE_ID);
        case ROWS -> List.of(JobTags.TABLE_VERSION);
        case SETTINGS -> List.of(JobTags.SETTINGS_HASH);
        case CODE -> List.of(JobTags.CODE_HASH);
      };
    }

    public String text() {
      return text;
    }

    /** Whether all that changed is what is in the table. */
    public static boolean rowsAlone(List<Change> changes) {
      return changes.equals(List.of(ROWS));
    }
  }

  /**
   * The lineage of a training with what was taken in.
   *
   * @param tuning of the cross-validation that chooses the penalty; empty if the settings do
   */
  public static Lineage of(JobContext context, Optional<TuningSettings> tuning, TakenIn taken) {
    return of(context, tuning, taken.table().accepted(), taken.tableId(), taken.source());
  }

  /**
   * The same before anything was taken in.
   *
   * @param tableId Delta's name for the table; a new table at the same place has another one
   * @param source of the files that the table was taken from; empty if none were looked at
   */
  public static Lineage of(
      JobContext context,
      Optional<TuningSettings> tuning,
      TableVersion table,
      String tableId,
      Optional<String> source) {
    Settings settings = context.settings();
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.TABLE, table.location());
    tags.put(JobTags.TABLE_VERSION, String.valueOf(table.version()));
    tags.put(JobTags.TABLE_ID, tableId);
    tags.put(
        JobTags.SETTINGS_HASH,
        Fingerprint.of(settings.fingerprint() + tuning.map(by -> "\n" + by).orElse("")));
    tags.put(JobTags.GATE_HASH, gateHash(settings));
    tags.put(
        JobTags.CODE_HASH,
        Fingerprint.of(
            String.join(
                "\n",
                CodeHash.value(),
                context.spark().version(),
                DeltaLake.version().orElse(""))));
    source.ifPresent(files -> tags.put(JobTags.SOURCE_HASH, files));
    return new Lineage(tags);
  }

  private static String gateHash(Settings settings) {
    return Fingerprint.of(settings.versions().gate() + "\n" + settings.bootstrap());
  }

  /** Whether a version was judged by the gate as it is set now. */
  public static boolean hasGateOf(ModelVersion version, Settings settings) {
    return version.tag(JobTags.GATE_HASH).equals(Optional.of(gateHash(settings)));
  }

  /** The name of the table that a version was trained from; empty if it does not say. */
  public static String tableIdOf(ModelVersion version) {
    return version.tag(JobTags.TABLE_ID).orElse("");
  }

  /** Whether a version was trained from a table, not from another one at the same place. */
  public static boolean isOf(ModelVersion version, TableVersion table, SparkSession spark) {
    return version.tag(JobTags.TABLE).equals(Optional.of(table.location()))
        && version.tag(JobTags.TABLE_ID).equals(Optional.of(table.tableId(spark)));
  }

  /**
   * The profile of the table that a version was trained from; empty for a version that another
   * program made.
   *
   * @throws DamagedFilesException if the run is gone, or a run of this program has lost it
   */
  public static Optional<TableProfile> profileOf(
      MlflowConnection connection, ModelVersion version) {
    String operation = "read the profile of version " + version.version();
    Run run = new VersionFetcher(connection).run(version, operation);
    try {
      Optional<TableProfile> profile =
          connection.artifacts(run).text(TrainingRecord.PROFILE).map(TableProfile::ofJson);
      if (profile.isEmpty() && TrainingRecord.isOf(run)) {
        throw new DamagedFilesException(
            operation, "its run %s has no file %s.".formatted(run.id(), TrainingRecord.PROFILE));
      }
      return profile;
    } catch (IllegalArgumentException e) {
      throw new DamagedFilesException(operation, e.getMessage() + ".", e);
    }
  }

  /** What decided a version and is another now; none if training would give that version again. */
  public List<Change> changesSince(ModelVersion version) {
    return Stream.of(Change.values())
        .filter(change -> !change.keys().stream().allMatch(key -> isAsOf(version, key)))
        .toList();
  }

  /** Whether the source's files are those that a version's table was taken from. */
  public boolean hasFilesOf(ModelVersion version) {
    return tags.containsKey(JobTags.SOURCE_HASH) && isAsOf(version, JobTags.SOURCE_HASH);
  }

  private boolean isAsOf(ModelVersion version, String key) {
    return version.tag(key).equals(Optional.ofNullable(tags.get(key)));
  }
}
