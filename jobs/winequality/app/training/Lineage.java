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
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableRole;
import winequality.data.table.TableVersion;
import winequality.record.TrainingRecord;

/**
 * What a model is trained from: rows, settings and code, with the gate's settings. Two trainings
 * with equal rows, settings and code give the same model.
 *
 * @param tags the version tags that record it
 */
public record Lineage(Map<String, String> tags) {

  private static final String SOURCE = "source";

  /** What can have changed since a version was trained. */
  public enum Change {
    TABLE("another table", JobTags.TABLE, JobTags.TABLE_ID, JobTags.TABLE_ROLE),
    ROWS("another version of the table", JobTags.TABLE_VERSION),
    SETTINGS("other settings", JobTags.SETTINGS_HASH),
    CODE("other code", JobTags.CODE_HASH);

    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> tags;

    Change(String text, String... tags) {
      this.text = text;
      this.tags = List.of(tags);
    }

    public String text() {
      return text;
    }

    /** Whether nothing but the table's rows changed. */
    public static boolean rowsAlone(List<Change> changes) {
      return changes.equals(List.of(ROWS));
    }
  }

  public static Lineage of(JobContext context, Optional<TuningSettings> tuning, TakenIn taken) {
    return of(
        context, tuning, taken.table().accepted(), taken.role(), taken.tableId(), taken.source());
  }

  /**
   * The same before any file is read.
   *
   * @param tableId Delta's id of the table; a new table at the same place has another id
   * @param source fingerprint of the table's source files; empty if they were not listed
   */
  public static Lineage of(
      JobContext context,
      Optional<TuningSettings> tuning,
      TableVersion table,
      TableRole role,
      String tableId,
      Optional<String> source) {
    Settings settings = context.settings();
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.TABLE, table.location());
    tags.put(JobTags.TABLE_VERSION, String.valueOf(table.version()));
    tags.put(JobTags.TABLE_ID, tableId);
    // earlier releases knew one role, and wrote no tag
    if (role == TableRole.SOURCE) {
      tags.put(JobTags.TABLE_ROLE, SOURCE);
    }
    tags.put(
        JobTags.SETTINGS_HASH,
        Fingerprint.of(settings.fingerprint() + tuning.map(by -> "\n" + by).orElse("")));
    tags.put(JobTags.GATE_HASH, gateHash(settings));
    List<String> code =
        List.of(CodeHash.VALUE, context.spark().version(), DeltaLocation.deltaVersion().orElse(""));
    tags.put(JobTags.CODE_HASH, Fingerprint.of(String.join("\n", code)));
    source.ifPresent(files -> tags.put(JobTags.SOURCE_HASH, files));
    return new Lineage(tags);
  }

  private static String gateHash(Settings settings) {
    return Fingerprint.of(settings.versions().gate() + "\n" + settings.bootstrap());
  }

  /** How a version's training read its table. */
  public static TableRole roleOf(ModelVersion version) {
    return version.tag(JobTags.TABLE_ROLE).equals(Optional.of(SOURCE))
        ? TableRole.SOURCE
        : TableRole.INGESTED;
  }

  /** Whether the gate judged a version by the present settings. */
  public static boolean hasGateOf(ModelVersion version, Settings settings) {
    return version.tag(JobTags.GATE_HASH).equals(Optional.of(gateHash(settings)));
  }

  /** Whether a version was trained from this very table, and not from an earlier one there. */
  public static boolean isOf(ModelVersion version, TableVersion table, SparkSession spark) {
    return version.tag(JobTags.TABLE).equals(Optional.of(table.location()))
        && version.tag(JobTags.TABLE_ID).equals(Optional.of(table.tableId(spark)));
  }

  /**
   * The profile of the table that a version was trained from; empty if another program made the
   * version.
   *
   * @throws DamagedFilesException if the run is missing, or this program made it and its profile is
   *     missing or unreadable
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

  /** What changed since a version was trained; empty if training would give it again. */
  public List<Change> changesSince(ModelVersion version) {
    return Stream.of(Change.values())
        .filter(change -> !change.tags.stream().allMatch(tag -> matches(version, tag)))
        .toList();
  }

  /** Whether a version's table was made from the same source files. */
  public boolean hasFilesOf(ModelVersion version) {
    return tags.containsKey(JobTags.SOURCE_HASH) && matches(version, JobTags.SOURCE_HASH);
  }

  private boolean matches(ModelVersion version, String tag) {
    return version.tag(tag).equals(Optional.ofNullable(tags.get(tag)));
  }
}
