package winequality.app.training;

import elasticnet.split.Holdout;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.DatasetDescription;
import winequality.gate.Candidate;
import winequality.record.TrainingRecord;

/**
 * A new version that the gate compares with the champion.
 *
 * @param holdout divides the rows as in the training
 * @param predict adds the column {@code prediction}
 */
record Challenger(
    Candidate candidate,
    DatasetDescription dataset,
    Holdout holdout,
    UnaryOperator<Dataset<Row>> predict) {

  static Challenger of(TrainingRecord record) {
    return new Challenger(
        new Candidate(
            record.evaluation().test(),
            record.fitted().intercept(),
            record.fitted().coefficients(),
            record.signature(),
            record.profile()),
        record.dataset(),
        record.holdout(),
        record.fitted()::predict);
  }
}
