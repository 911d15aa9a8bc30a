package winequality.app.training;

import elasticnet.CrossValidation;
import elasticnet.CrossValidationPath;
import elasticnet.PathPoint;
import elasticnet.TuningSettings;
import elasticnet.encoding.RegressionColumns;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.RunTracker;
import winequality.app.job.JobContext;
import winequality.app.job.Provenance;
import winequality.record.TuningRecord;
import winequality.record.TuningRecord.ChildRuns;
import winequality.report.CrossValidationPlots;

/** Chooses a penalty by a cross-validated path, and logs the path to the run. */
final class Tuning {

  private static final Logger LOG = LoggerFactory.getLogger(Tuning.class);

  /** Share of the standard error that the last step of a path gains if its end is too early. */
  private static final double FALLING = 0.01;

  private Tuning() {}

  static CrossValidation crossValidate(
      JobContext context,
      TuningSettings tuning,
      Dataset<Row> train,
      RegressionColumns columns,
      RunTracker tracker,
      ActiveRun run) {
    CrossValidationPath by = new CrossValidationPath(tuning);
    CrossValidation path = context.measure("tuning", () -> by.fit(train, columns));
    context.report().tuning(path, tuning);
    context.measure(
        "tracking",
        () -> {
          TuningRecord record = new TuningRecord(path, tuning);
          record.logTo(run);
          CrossValidationPlots plots = new CrossValidationPlots();
          Reporting.log(run, plots.curve(path));
          Reporting.log(run, plots.coefficients(path));
          ChildRuns children = context.settings().childRuns();
          if (children != ChildRuns.NONE
              && !run.unlessAway(
                  () -> record.logChildren(children, tracker, run, Provenance.of(context)))) {
            LOG.warn(
                "Child runs may be missing, because MLflow is away; cv_results.json of the run has every point.");
          }
          return path;
        });
    PathPoint winner = path.winner();
    LOG.info(
        String.format(
            Locale.ROOT,
            "cross-validation of %d points: RMSE %.6f with a standard error of %.6f; `wine train --alpha %s --lambda %s`, with the same --config, fits the winner again",
            path.points().size(),
            winner.rmse().mean(),
            winner.rmse().standardError(),
            winner.penalty().elasticNetParam(),
            winner.penalty().regParam()));
    List<PathPoint> tried = path.byAlpha().get(winner.penalty().elasticNetParam());
    if (tried != null && mayBeBetterBeyond(tried, winner)) {
      LOG.info(
          "The winner has the smallest lambda that was tried, and a smaller one may predict better: lower tuning.lambda-min-ratio or the smallest of tuning.grid.reg-params");
    }
    return path;
  }

  /**
   * Whether the errors still fall at the end of a path by more than a little of their own error.
   */
  private static boolean mayBeBetterBeyond(List<PathPoint> tried, PathPoint winner) {
    int last = tried.size() - 1;
    return winner.equals(tried.get(last))
        && winner.penalty().regParam() > 0.0
        && (last == 0
            || tried.get(last - 1).rmse().mean() - winner.rmse().mean()
                > FALLING * winner.rmse().standardError());
  }
}
