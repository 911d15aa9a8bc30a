package winequality.gate;

import java.util.ArrayList;
import java.util.List;

/**
 * The conditions that a new version must meet against the champion.
 *
 * @param confidence one-sided confidence that the RMSE is not worse; 0.75 to 0.999
 * @param tolerance tolerated loss of RMSE, as a share of the champion's RMSE; 0 to 1
 * @param maeAllowance tolerated loss of MAE, as a share of the champion's MAE; 0 to 1
 * @param profileAllowance how far a column's values may leave their range in the champion's table,
 *     as a share of that range; 0 or more
 */
public record GateSettings(
    GateMode mode,
    double confidence,
    double tolerance,
    double maeAllowance,
    double profileAllowance) {

  /**
   * @throws IllegalArgumentException with one line for each invalid value, starting with its key
   */
  public GateSettings {
    List<String> problems = new ArrayList<>();
    // written so that NaN fails too
    if (!(confidence >= 0.75 && confidence <= 0.999)) {
      problems.add(
          "registry.gate.confidence is %s; it must lie between 0.75 and 0.999, such as 0.95"
              .formatted(confidence));
    }
    share("registry.gate.tolerance", tolerance, problems);
    share("registry.gate.mae-allowance", maeAllowance, problems);
    if (!(profileAllowance >= 0.0 && Double.isFinite(profileAllowance))) {
      problems.add(
          "registry.gate.profile-allowance is " + profileAllowance + "; it must be 0 or more");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  private static void share(String key, double value, List<String> problems) {
    if (!(value >= 0.0 && value <= 1.0)) {
      problems.add(key + " is " + value + "; it must lie between 0 and 1, as a share");
    }
  }

  /**
   * The confidence of the two-sided interval whose upper end is the one-sided bound: 5 % above the
   * upper end means another 5 % below the lower end.
   */
  public double intervalConfidence() {
    return 2.0 * confidence - 1.0;
  }

  /** The same conditions with the mode that lets less through. */
  public GateSettings noLaxerThan(GateMode other) {
    return new GateSettings(
        mode.compareTo(other) < 0 ? other : mode,
        confidence,
        tolerance,
        maeAllowance,
        profileAllowance);
  }

  /** Who decides on a promotion; each mode promotes less than the one before it. */
  public enum GateMode {
    /** The gate decides. */
    AUTOMATIC,
    /** A person decides on the versions that the gate would promote. */
    APPROVAL,
    /** Versions are registered, and nobody decides. */
    OFF
  }
}
