package winequality.app;

import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.config.Settings;
import winequality.learning.CrossValidation;
import winequality.learning.CrossValidationPath;
import winequality.learning.FittedElasticNet;
import winequality.learning.LearningException;
import winequality.learning.LearningSettings;
import winequality.learning.PathPoint;
import winequality.report.CrossValidationPlots;
import winequality.tracking.ActiveRun;
import winequality.tracking.RunTracker;
import winequality.tracking.TuningRecord;

/** The penalty that a cross-validated path chooses, logged to the run. */
final class Tuning implements PenaltyChoice {

  private static final Logger LOG = LoggerFactory.getLogger(Tuning.class);

  /** How far MLlib's coefficients may lie from the path's own, relative to the largest. */
  private static final double AGREEMENT = 1e-6;

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
   * Passes if the winner can be fitted by these settings.
   *
   * @throws UsageException if the model that would be fitted is not the one that is cross-validated
   */
  static void requirePossible(Settings settings) {
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
  public Optional<CrossValidation> path() {
    return Optional.ofNullable(path);
  }

  /**
   * MLlib solved the winner's penalty anew.
   *
   * @throws LearningException if it came to other coefficients than the path
   */
  @Override
  public void check(FittedElasticNet fitted) {
    CrossValidation found = path;
    if (found == null) {
      throw new IllegalStateException("The penalty is checked before it was chosen");
    }
    double difference = found.relativeDifference(fitted.coefficients());
    LOG.info("MLlib and the path agree to {} of the largest coefficient", difference);
    // written so that NaN fails too
    if (!(difference <= AGREEMENT)) {
      throw new LearningException(
          "MLlib's coefficients differ from those of the cross-validated path by %s of the largest one; at most %s is believed. Set a smaller learning.tolerance and more learning.max-iterations, or use learning.solver = normal."
              .formatted(difference, AGREEMENT),
          null);
    }
  }
}
