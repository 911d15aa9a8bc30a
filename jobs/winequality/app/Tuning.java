package winequality.app;

import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.config.Settings;
import winequality.learning.Agreement;
import winequality.learning.CrossValidation;
import winequality.learning.CrossValidationPath;
import winequality.learning.FittedElasticNet;
import winequality.learning.LearningSettings;
import winequality.learning.PathPoint;
import winequality.learning.SolverException;
import winequality.learning.TuningSettings;
import winequality.report.CrossValidationPlots;
import winequality.tracking.ActiveRun;
import winequality.tracking.RunTracker;
import winequality.tracking.TuningRecord;

/** The penalty that a cross-validated path chooses, logged to the run. */
final class Tuning implements PenaltyChoice {

  private static final Logger LOG = LoggerFactory.getLogger(Tuning.class);

  private final JobContext context;
  private final Settings settings;
  private final RunTracker tracker;
  private final ActiveRun run;
  private @Nullable CrossValidation path;

  Tuning(JobContext context, RunTracker tracker, ActiveRun run) {
    this.context = context;
    this.settings = context.settings();
    this.tracker = tracker;
    this.run = run;
  }

  /**
   * Passes if the winner can be fitted by these settings, and nobody has chosen it already.
   *
   * @throws UsageException if not
   */
  static void require(JobOptions given, Settings settings) {
    if (given.choosePenalty()) {
      throw new UsageException(
          "--alpha and --lambda are for train; tune chooses both. To try these values alone give --set tuning.elastic-net-params=[A] and --set tuning.grid.reg-params=[L]");
    }
    try {
      settings.tuning().requireSameModelAs(settings.learning());
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public LearningSettings choose(Dataset<Row> train) {
    CrossValidation found =
        context
            .meter()
            .measure(
                "tuning",
                () ->
                    new CrossValidationPath(settings.tuning())
                        .fit(train, settings.dataset().features(), settings.dataset().label()));
    path = found;
    context.report().tuning(found, settings.tuning());
    context.meter().measure("tracking", () -> log(found));
    PathPoint winner = found.winner();
    LOG.info(
        String.format(
            Locale.ROOT,
            "cross-validation: %d points, alpha %s, lambda %.6g has RMSE %.6f ± %.6f",
            found.points().size(),
            winner.penalty().elasticNetParam(),
            winner.penalty().regParam(),
            winner.rmse().mean(),
            winner.rmse().standardError()));
    return settings
        .learning()
        .withPenalty(winner.penalty().regParam(), winner.penalty().elasticNetParam());
  }

  private CrossValidation log(CrossValidation found) {
    TuningRecord record = new TuningRecord(found, settings.tuning());
    record.logTo(run);
    CrossValidationPlots plots = new CrossValidationPlots();
    Reporting.log(run, plots.curve(found));
    Reporting.log(run, plots.coefficients(found));
    record.logChildren(settings.childRuns(), tracker, run, Provenance.of(context));
    return found;
  }

  @Override
  public Optional<TuningSettings> tuning() {
    return Optional.of(settings.tuning());
  }

  @Override
  public Optional<CrossValidation> path() {
    return Optional.ofNullable(path);
  }

  /**
   * MLlib solved the winner's penalty anew.
   *
   * @throws SolverException if it came to another fit than the path
   */
  @Override
  public void check(FittedElasticNet fitted) {
    CrossValidation found = path;
    if (found == null) {
      throw new IllegalStateException("The penalty is checked before it was chosen");
    }
    Agreement agreement = found.agreement(fitted);
    LOG.info(
        "MLlib and the path agree to {} of the largest coefficient, and to {} of the label's deviation in what they predict",
        agreement.coefficients(),
        agreement.predictions());
    agreement.require();
  }
}
