package winequality.app;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import winequality.config.Settings;
import winequality.data.DeltaLake;
import winequality.data.Fingerprint;
import winequality.data.TableVersion;
import winequality.learning.TuningSettings;
import winequality.mlflow.ModelVersion;

/**
 * What decides a model: rows, settings and code. Two trainings with equal ones give the same model.
 *
 * @param tableId Delta's name for the table, which a table at the same place has not
 * @param settingsHash of what is learned by, the cross-validation included if there is one
 * @param gateHash of what the gate judges by; it decides on the model's place, not on the model
 * @param codeHash of the classes, see {@link CodeHash}, and of Spark and Delta
 * @param source of the files that the table was taken from; empty if none were looked at
 */
record Lineage(
    TableVersion table,
    String tableId,
    String settingsHash,
    String gateHash,
    String codeHash,
    Optional<String> source) {

  // the first two are those of TrainingRecord
  private static final String TABLE = "table";
  private static final String TABLE_VERSION = "table_version";
  private static final String TABLE_ID = "table_id";
  private static final String SETTINGS = "settings_hash";
  private static final String GATE = "gate_hash";
  private static final String CODE = "code_hash";
  private static final String SOURCE = "source_hash";

  /** A difference between what a version was trained from and what there is now. */
  enum Change {
    TABLE("another table"),
    ROWS("another version of the table"),
    SETTINGS("other settings"),
    CODE("other code");

    private final String text;

    Change(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    /** Whether all that changed is what is in the table. */
    static boolean rowsAlone(List<Change> changes) {
      return changes.equals(List.of(ROWS));
    }
  }

  /**
   * @param tuning of the cross-validation that chooses the penalty; empty if the settings do
   */
  static Lineage of(JobContext context, Optional<TuningSettings> tuning, TakenIn taken) {
    return of(context, tuning, taken.table().accepted(), taken.tableId(), taken.source());
  }

  /** The same before anything was taken in. */
  static Lineage of(
      JobContext context,
      Optional<TuningSettings> tuning,
      TableVersion table,
      String tableId,
      Optional<String> source) {
    Settings settings = context.settings();
    return new Lineage(
        table,
        tableId,
        Fingerprint.of(settings.fingerprint() + tuning.map(by -> "\n" + by).orElse("")),
        gateHash(settings),
        Fingerprint.of(
            String.join(
                "\n", CodeHash.value(), context.spark().version(), DeltaLake.version().orElse(""))),
        source);
  }

  private static String gateHash(Settings settings) {
    return Fingerprint.of(settings.registry().gate() + "\n" + settings.bootstrap());
  }

  /** Whether a version was judged by the gate as it is set now. */
  static boolean hasGateOf(ModelVersion version, Settings settings) {
    return version.tag(GATE).equals(Optional.of(gateHash(settings)));
  }

  /** The name of the table that a version was trained from; empty if it does not say. */
  static String tableIdOf(ModelVersion version) {
    return version.tag(TABLE_ID).orElse("");
  }

  /** Whether a version was trained from a table, not from another one at the same place. */
  static boolean isOf(ModelVersion version, TableVersion table, SparkSession spark) {
    return version.tag(TABLE).equals(Optional.of(table.location()))
        && version.tag(TABLE_ID).equals(Optional.of(table.tableId(spark)));
  }

  /** Tags of a version, besides those that {@code TrainingRecord} gives it. */
  Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(TABLE_ID, tableId);
    tags.put(SETTINGS, settingsHash);
    tags.put(GATE, gateHash);
    tags.put(CODE, codeHash);
    source.ifPresent(files -> tags.put(SOURCE, files));
    return tags;
  }

  /** What decided a version and is another now; none if training would give that version again. */
  List<Change> changesSince(ModelVersion version) {
    Map<Change, Map<String, String>> now = new EnumMap<>(Change.class);
    now.put(Change.TABLE, Map.of(TABLE, table.location(), TABLE_ID, tableId));
    now.put(Change.ROWS, Map.of(TABLE_VERSION, String.valueOf(table.version())));
    now.put(Change.SETTINGS, Map.of(SETTINGS, settingsHash));
    now.put(Change.CODE, Map.of(CODE, codeHash));
    return now.entrySet().stream()
        .filter(
            change ->
                change.getValue().entrySet().stream()
                    .anyMatch(
                        tag -> !version.tag(tag.getKey()).equals(Optional.of(tag.getValue()))))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether the source's files are those that a version's table was taken from. */
  boolean hasFilesOf(ModelVersion version) {
    return source.isPresent() && version.tag(SOURCE).equals(source);
  }
}
