package winequality.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.run.ActiveRun;
import winequality.JobTags;
import winequality.app.job.JobContext;
import winequality.app.training.Lineage;
import winequality.app.training.Reporting;
import winequality.app.training.TakenIn;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;
import winequality.data.profile.TableProfile;
import winequality.data.table.TablePoint;
import winequality.data.table.TableVersion;
import winequality.data.table.TimeTravel;
import winequality.metrics.ColumnDrift;
import winequality.metrics.Drift;
import winequality.metrics.DriftEvaluator;
import winequality.record.TrainingRecord;
import winequality.report.DriftPlot;

/** Rows added since the champion's training, and their drift from its table. */
final class NewRows {

  private static final Logger LOG = LoggerFactory.getLogger(NewRows.class);

  private NewRows() {}

  sealed interface Finding {

    /** There are new rows. */
    record Measured(Drift drift) implements Finding {}

    /** The champion was trained from every row. */
    record NoNewRow() implements Finding {}

    /** There are new rows, but no profile to compare them with. */
    record Unmeasured(String why) implements Finding {}
  }

  /** Measures the drift of the new rows from the profile in the champion's run. */
  static Finding find(
      JobContext context, MlflowConnection connection, ModelVersion champion, TakenIn taken) {
    Optional<Dataset<Row>> added = added(context, champion, taken).map(Dataset::cache);
    // for the training, too
    Dataset<Row> rows = added.orElseGet(taken::persisted);
    try {
      if (rows.isEmpty()) {
        return new Finding.NoNewRow();
      }
      TableProfile reference =
          Lineage.profileOf(connection, champion)
              .orElseThrow(
                  () ->
                      new DamagedFilesException(
                          "measure the drift",
                          "the champion's run %s has no file %s."
                              .formatted(champion.runId(), TrainingRecord.PROFILE)));
      return new DriftEvaluator(context.settings().dataset())
          .evaluate(rows, reference)
          .<Finding>map(Finding.Measured::new)
          .orElse(new Finding.Unmeasured("the champion's profile has none of the columns"));
    } catch (DamagedFilesException e) {
      LOG.warn("Drift is not measured: {}", e.getMessage());
      return new Finding.Unmeasured(String.valueOf(e.getMessage()));
    } finally {
      added.ifPresent(Dataset::unpersist);
    }
  }

  /** Logs metrics, a plot and {@code drift.json}, which MLflow shows as a table. */
  static void log(ActiveRun run, Drift drift) {
    Map<String, Double> metrics = new TreeMap<>();
    List<List<@Nullable Object>> table = new ArrayList<>();
    for (ColumnDrift column : drift.columns()) {
      // MLflow allows few other characters in a metric's name; the table keeps the column's name
      String name = column.column().replaceAll("[^A-Za-z0-9_. -]", "_");
      metrics.put("drift_psi/" + name, column.psi());
      column.meanShift().ifPresent(shift -> metrics.put("drift_mean_shift/" + name, shift));
      Double shift = column.meanShift().isPresent() ? column.meanShift().getAsDouble() : null;
      table.add(
          Arrays.asList(column.column(), column.psi(), column.byChance(), shift, column.values()));
    }
    metrics.put("drift_rows", (double) drift.rows());
    metrics.put("drift_psi_max", drift.worst().psi());
    run.metrics(metrics);
    run.table(
        "drift.json", List.of("column", "psi", "psi_by_chance", "mean_shift", "values"), table);
    Reporting.log(run, DriftPlot.of(drift));
  }

  /** Rows added since the champion's table version; empty if that version cannot be read. */
  private static Optional<Dataset<Row>> added(
      JobContext context, ModelVersion champion, TakenIn taken) {
    TableVersion table = taken.table().accepted();
    if (!Lineage.isOf(champion, table, context.spark())) {
      LOG.info("The champion was trained from another table; all rows count as new");
      return Optional.empty();
    }
    DatasetDescription dataset = context.settings().dataset();
    try {
      TableVersion before =
          new TimeTravel(context.spark(), dataset, taken.role())
              .to(table.location(), TablePoint.of(champion.tag(JobTags.TABLE_VERSION).orElse("")));
      return Optional.of(
          taken.rows().exceptAll(taken.role().rows(context.spark(), before, dataset)));
    } catch (DataRefusedException | IllegalArgumentException e) {
      LOG.warn("All rows count as new: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
