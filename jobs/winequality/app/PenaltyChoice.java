package winequality.app;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.learning.CrossValidation;
import winequality.learning.FittedElasticNet;
import winequality.learning.LearningSettings;
import winequality.learning.TuningSettings;

/** Where a training has its penalty from: from the settings, or from a cross-validation. */
interface PenaltyChoice {

  /** What the train rows are to be fitted with. */
  LearningSettings choose(Dataset<Row> train);

  /** Passes if the fit is the one that was chosen. */
  void check(FittedElasticNet fitted);

  /** The settings of the cross-validation that chooses; empty if there is none. */
  Optional<TuningSettings> tuning();

  /** The cross-validation that the choice rests on; empty if there was none. */
  Optional<CrossValidation> path();

  /** The penalty that the settings have. */
  static PenaltyChoice asSet(LearningSettings settings) {
    return new PenaltyChoice() {
      @Override
      public LearningSettings choose(Dataset<Row> train) {
        return settings;
      }

      @Override
      public void check(FittedElasticNet fitted) {}

      @Override
      public Optional<TuningSettings> tuning() {
        return Optional.empty();
      }

      @Override
      public Optional<CrossValidation> path() {
        return Optional.empty();
      }
    };
  }
}
