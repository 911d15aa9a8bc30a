package winequality.report;

import static winequality.report.Figures.bounds;
import static winequality.report.Figures.count;
import static winequality.report.Figures.percent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import winequality.data.RowCounts;
import winequality.data.profile.TableProfile;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;
import winequality.record.CoefficientTable;
import winequality.record.TrainingRecord;

/** Sentences about what a reader of the page should notice, the most serious first. */
final class Remarks {

  private static final double MANY_DUPLICATES = 0.05;
  private static final double OVERFIT = 1.25;

  private Remarks() {}

  static List<String> of(TrainingRecord results) {
    List<String> remarks = new ArrayList<>();
    List<CoefficientTable.Line> lines = results.coefficientTable().lines();
    long columns = lines.size() - 1L;
    long left = lines.stream().skip(1).filter(line -> line.coefficient() != 0.0).count();
    Interval gain = results.intervals().baselineDifference();
    if (results.evaluation().trainLabelDeviation() == 0.0) {
      remarks.add(
          "Every train row has the same %s, so the model can only predict that. Was the right table read?"
              .formatted(results.dataset().label()));
    } else if (left == 0) {
      remarks.add(
          "The penalty removed every column: the model predicts the mean for every row. Set a smaller lambda, or let `tune` find one.");
    } else if (!gain.isNegative()) {
      remarks.add(
          "These rows do not show that the model is better than predicting the mean: the interval of the difference is %s."
              .formatted(bounds(gain)));
    } else if (left < columns) {
      remarks.add("The penalty removed %d of %d columns.".formatted(columns - left, columns));
    }
    RegressionEvaluation test = results.evaluation().test();
    RegressionEvaluation train = results.evaluation().train();
    if (test.rmse() > OVERFIT * train.rmse()) {
      remarks.add(
          "The test error is %s above the train error: the model may be fitted too closely to the train rows, or the sides differ."
              .formatted(percent(test.rmse() / train.rmse() - 1.0)));
    }
    if (!results.intervals().rmse().isBounded()) {
      remarks.add(
          "The test side has %d groups of rows with equal features, too few for intervals."
              .formatted(results.intervals().groups()));
    }
    Optional<RowCounts> counts = results.table().counts();
    if (counts.isPresent() && counts.get().quarantined() > 0) {
      String refused = count(counts.get().quarantined()) + " of " + count(counts.get().read());
      remarks.add(
          "%s rows (%s) were refused; the reasons are below."
              .formatted(refused, percent(counts.get().quarantinedFraction())));
    }
    TableProfile profile = results.profile();
    if (profile.duplicates() > MANY_DUPLICATES * profile.rows()) {
      remarks.add(
          "%s of the accepted rows are equal to another one; duplicates stay on one side of the split."
              .formatted(percent(profile.duplicates(), profile.rows())));
    }
    return remarks;
  }
}
