package winequality.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import winequality.config.Settings;
import winequality.data.Fingerprint;
import winequality.data.TableVersion;
import winequality.learning.TuningSettings;
import winequality.mlflow.ModelVersion;

/**
 * What decides a model: rows, settings and code. Two trainings with equal ones give the same model.
 *
 * @param settingsHash of what is learned by, the cross-validation included if there is one
 * @param codeHash of the classes, see {@link CodeHash}
 * @param source of the files that the table was taken from; empty if none were looked at
 */
record Lineage(TableVersion table, String settingsHash, String codeHash, Optional<String> source) {

  // the first two are those of TrainingRecord
  private static final String TABLE = "table";
  private static final String TABLE_VERSION = "table_version";
  private static final String SETTINGS = "settings_hash";
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
  static Lineage of(
      Settings settings,
      Optional<TuningSettings> tuning,
      TableVersion table,
      Optional<String> source) {
    return new Lineage(
        table,
        Fingerprint.of(settings.fingerprint() + tuning.map(by -> "\n" + by).orElse("")),
        CodeHash.value(),
        source);
  }

  /** Tags of a version, besides those that {@code TrainingRecord} gives it. */
  Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(SETTINGS, settingsHash);
    tags.put(CODE, codeHash);
    source.ifPresent(files -> tags.put(SOURCE, files));
    return tags;
  }

  /** What decided a version and is another now; none if training would give that version again. */
  List<Change> changesSince(ModelVersion version) {
    List<Change> changes = new ArrayList<>();
    note(changes, Change.TABLE, version, TABLE, table.location());
    note(changes, Change.ROWS, version, TABLE_VERSION, String.valueOf(table.version()));
    note(changes, Change.SETTINGS, version, SETTINGS, settingsHash);
    note(changes, Change.CODE, version, CODE, codeHash);
    return changes;
  }

  /** Whether the source's files are those that a version's table was taken from. */
  boolean hasFilesOf(ModelVersion version) {
    return source.isPresent() && version.tag(SOURCE).equals(source);
  }

  private static void note(
      List<Change> changes, Change change, ModelVersion version, String tag, String now) {
    if (!version.tag(tag).equals(Optional.of(now))) {
      changes.add(change);
    }
  }
}
