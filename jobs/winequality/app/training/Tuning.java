package winequality.app.training;

import elasticnet.Agreement;
import elasticnet.CrossValidation;
import elasticnet.CrossValidationPath;
import elasticnet.FittedElasticNet;
import elasticnet.PathPoint;
import elasticnet.TuningSettings;
import elasticnet.solver.SolverException;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.RunTracker;
import winequality.app.job.JobContext;
import winequality.app.job.Provenance;
import winequality.config.Settings;
import winequality.record.TuningRecord;
import winequality.report.CrossValidationPlots;

/** Chooses a penalty by a cross-validated path, and logs the path to the run. */
final class Tuning {

  private static final Logger LOG = LoggerFactory.getLogger(Tuning.class);

  private final JobContext context;
  private final TuningSettings tuning;

  Tuning(JobContext context, TuningSettings tuning) {
    this.context = context;
    this.tuning = tuning;
  }

  CrossValidation crossValidate(Dataset<Row> train, RunTracker tracker, ActiveRun run) {
    Settings settings = context.settings();
    CrossValidation path =
        context.measure(
            "tuning",
            () ->
                new CrossValidationPath(tuning)
                    .fit(train, settings.dataset().features(), settings.dataset().label()));
    context.report().tuning(path, tuning);
    context.measure("tracking", () -> log(path, tracker, run));
    PathPoint winner = path.winner();
    LOG.info(
        String.format(
            Locale.ROOT,
            "cross-validation: %d points, alpha %s, lambda %.6g has RMSE %.6f ± %.6f",
            path.points().size(),
            winner.penalty().elasticNetParam(),
            winner.penalty().regParam(),
            winner.rmse().mean(),
            winner.rmse().standardError()));
    return path;
  }

  private CrossValidation log(CrossValidation path, RunTracker tracker, ActiveRun run) {
    TuningRecord record = new TuningRecord(path, tuning);
    record.logTo(run);
    CrossValidationPlots plots = new CrossValidationPlots();
    Reporting.log(run, plots.curve(path));
    Reporting.log(run, plots.coefficients(path));
    record.logChildren(context.settings().childRuns(), tracker, run, Provenance.of(context));
    return path;
  }

  /**
   * Checks that MLlib's fit with the winning penalty agrees with the path's.
   *
   * @throws SolverException if they disagree
   */
  static void requireAgreement(CrossValidation path, FittedElasticNet fitted) {
    Agreement agreement = path.agreement(fitted);
    LOG.info(
        "MLlib's coefficients and the path's differ by at most {} of the largest one, their predictions by {} of the label's standard deviation (root mean square)",
        agreement.coefficients(),
        agreement.predictions());
    agreement.require();
  }
}
