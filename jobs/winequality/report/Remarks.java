package winequality.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import winequality.data.ingest.RowCounts;
import winequality.data.profile.TableProfile;
import winequality.metrics.HoldoutEvaluation;

/** What the figures of a training say to whoever has no time to read them. */
final class Remarks {

  private static final double MANY_DUPLICATES = 0.05;
  private static final double OVERFIT = 1.25;

  private final TrainingReport report;

  Remarks(TrainingReport report) {
    this.report = report;
  }

  /** The remarks, gravest first; none if all is well. */
  List<String> all() {
    List<String> remarks = new ArrayList<>();
    long columns = report.coefficients().lines().size() - 1L;
    long left =
        report.coefficients().lines().stream()
            .skip(1)
            .filter(line -> line.coefficient() != 0.0)
            .count();
    if (report.evaluation().trainLabelDeviation() == 0.0) {
      remarks.add(
          "Every train row has the same %s, so the model can only predict that. Was the right table read?"
              .formatted(report.dataset().label()));
    } else if (left == 0) {
      remarks.add(
          "The penalty removed every column: the model predicts the mean for every row. Set a smaller lambda, or let `tune` find one.");
    } else if (!ModelSections.below(report.intervals().baselineDifference())) {
      remarks.add(
          "These rows do not show that the model is better than predicting the mean: the interval of the difference is %s."
              .formatted(Figures.bounds(report.intervals().baselineDifference())));
    } else if (left < columns) {
      remarks.add("The penalty removed %d of %d columns.".formatted(columns - left, columns));
    }
    HoldoutEvaluation evaluation = report.evaluation();
    if (evaluation.test().rmse() > OVERFIT * evaluation.train().rmse()) {
      remarks.add(
          "The test error is %s above the train error: the model may be fitted too closely to the train rows, or the sides differ."
              .formatted(
                  Figures.percent(evaluation.test().rmse() / evaluation.train().rmse() - 1.0)));
    }
    if (!report.intervals().rmse().isBounded()) {
      remarks.add(
          "The test side has %d groups of rows with equal features, too few to say how sure its figures are."
              .formatted(report.intervals().groups()));
    }
    Optional<RowCounts> taken = report.table().counts().filter(counts -> counts.quarantined() > 0);
    if (taken.isPresent()) {
      RowCounts counts = taken.get();
      remarks.add(
          "%s of %s rows (%s) were refused; the reasons are below."
              .formatted(
                  Figures.count(counts.quarantined()),
                  Figures.count(counts.read()),
                  Figures.percent(counts.quarantinedFraction())));
    }
    TableProfile profile = report.profile();
    if (profile.duplicates() > MANY_DUPLICATES * profile.rows()) {
      remarks.add(
          "%s of the accepted rows are equal to another one; duplicates stay on one side of the split."
              .formatted(Figures.percent(profile.duplicates(), profile.rows())));
    }
    return remarks;
  }
}
