package winequality.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.TablePoint;
import winequality.data.TableProfile;
import winequality.data.TableVersion;
import winequality.data.TimeTravel;
import winequality.metrics.ColumnDrift;
import winequality.metrics.Drift;
import winequality.metrics.DriftEvaluator;
import winequality.mlflow.DamagedFilesException;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.MlflowException;
import winequality.mlflow.ModelVersion;
import winequality.report.DriftPlot;
import winequality.tracking.ActiveRun;
import winequality.tracking.TrainingRecord;

/** The rows that the champion was not trained from, and how far they lie from its table. */
final class NewRows {

  private static final Logger LOG = LoggerFactory.getLogger(NewRows.class);

  private static final String DRIFT = "drift.json";

  private NewRows() {}

  /** The drift; empty if there is no new row, or the champion's profile cannot be had. */
  static Optional<Drift> drift(
      JobContext context, MlflowConnection connection, ModelVersion champion, TableVersion table) {
    Optional<TableProfile> reference = reference(connection, champion);
    if (reference.isEmpty()) {
      return Optional.empty();
    }
    Dataset<Row> rows = of(context, champion, table).cache();
    try {
      return rows.isEmpty()
          ? Optional.empty()
          : new DriftEvaluator(context.settings().dataset()).evaluate(rows, reference.get());
    } finally {
      rows.unpersist();
    }
  }

  /** Logs metrics, a plot and {@code drift.json}, which MLflow shows as a table. */
  static void log(ActiveRun run, Drift drift) {
    Map<String, Double> metrics = new TreeMap<>();
    List<List<@Nullable Object>> table = new ArrayList<>();
    for (ColumnDrift column : drift.columns()) {
      // MLflow takes few other characters into a metric's name; the table has the names as they are
      String name = column.column().replaceAll("[^A-Za-z0-9_. -]", "_");
      metrics.put("drift_psi/" + name, column.psi());
      column.meanShift().ifPresent(shift -> metrics.put("drift_mean_shift/" + name, shift));
      List<@Nullable Object> line = new ArrayList<>();
      line.add(column.column());
      line.add(column.psi());
      line.add(column.byChance());
      line.add(column.meanShift().isPresent() ? column.meanShift().getAsDouble() : null);
      line.add(column.values());
      table.add(line);
    }
    metrics.put("drift_rows", (double) drift.rows());
    metrics.put("drift_psi_max", drift.worst().psi());
    run.metrics(metrics);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("columns", List.of("column", "psi", "psi_by_chance", "mean_shift", "values"));
    json.put("data", table);
    run.json(DRIFT, json);
    run.shownAsTable(DRIFT);
    Reporting.log(run, DriftPlot.of(drift));
  }

  private static Optional<TableProfile> reference(
      MlflowConnection connection, ModelVersion champion) {
    try {
      return connection
          .artifacts(connection.tracking().run(champion.runId()))
          .text(TrainingRecord.PROFILE)
          .map(TableProfile::ofJson);
    } catch (DamagedFilesException | IllegalArgumentException e) {
      LOG.warn("Drift is not measured: the champion's profile is damaged. {}", e.getMessage());
    } catch (MlflowException e) {
      if (!e.errorCode().orElse("").equals("RESOURCE_DOES_NOT_EXIST")) {
        throw e;
      }
      LOG.warn("Drift is not measured: the champion's run is gone. {}", e.getMessage());
    }
    return Optional.empty();
  }

  /** What the champion's version of the table has not; every row if that cannot be told. */
  private static Dataset<Row> of(JobContext context, ModelVersion champion, TableVersion table) {
    Dataset<Row> rows = table.read(context.spark());
    if (!champion.tag("table").equals(Optional.of(table.location()))) {
      LOG.info("The champion was trained from another table; all rows count as new");
      return rows;
    }
    try {
      TableVersion before =
          new TimeTravel(context.spark(), context.settings().dataset())
              .to(table.location(), TablePoint.of(champion.tag("table_version").orElse("")));
      return rows.exceptAll(before.read(context.spark()));
    } catch (DataRefusedException | IllegalArgumentException e) {
      LOG.warn("All rows count as new: {}", e.getMessage());
      return rows;
    }
  }
}
