package winequality.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * When and how a model is retrained.
 *
 * @param tune whether a cross-validation chooses the penalty
 * @param patience how long a retraining waits for another one of the same model; may be zero
 * @param driftTrigger new rows alone cause a retraining only if the population stability index of a
 *     column exceeds this; 0: new rows always do
 * @param driftStop the job does not train if the index of a column exceeds this; 0: off
 */
public record RetrainingSettings(
    boolean tune, Duration patience, double driftTrigger, double driftStop) {

  private static final Duration LONGEST = Duration.ofDays(1);

  /**
   * @throws IllegalArgumentException with one line for each invalid value, starting with its key
   */
  public RetrainingSettings {
    List<String> problems = new ArrayList<>();
    if (patience.isNegative() || patience.compareTo(LONGEST) > 0) {
      problems.add("retraining.wait is " + patience + "; it must lie between 0 and 1 day");
    }
    require(problems, "retraining.drift.trigger-psi", driftTrigger);
    require(problems, "retraining.drift.stop-psi", driftStop);
    if (driftStop > 0.0 && driftTrigger >= driftStop) {
      problems.add(
          "retraining.drift.trigger-psi is %s, not below retraining.drift.stop-psi, which is %s; new rows could never be trained from"
              .formatted(driftTrigger, driftStop));
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  private static void require(List<String> problems, String key, double value) {
    // written so that NaN fails too
    if (!(value >= 0.0) || Double.isInfinite(value)) {
      problems.add(key + " is " + value + "; it must be 0 (off) or more");
    }
  }
}
