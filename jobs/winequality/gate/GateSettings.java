package winequality.gate;

import java.util.ArrayList;
import java.util.List;

/**
 * How a new version has to compare with the one in production.
 *
 * @param mode who decides
 * @param confidence how sure the gate has to be that the RMSE is no worse, one-sided; 0.75 to 0.999
 * @param tolerance loss of RMSE that need not be ruled out, as a share of the champion's RMSE; 0 to
 *     1
 * @param maeAllowance by how much the MAE may be worse, as a share of the champion's MAE; 0 to 1
 * @param profileAllowance by how much a column's values may leave the range they had when the
 *     champion was trained, as a share of that range; 0 or more
 */
public record GateSettings(
    GateMode mode,
    double confidence,
    double tolerance,
    double maeAllowance,
    double profileAllowance) {

  /**
   * Checks all values together.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its key
   */
  public GateSettings {
    List<String> problems = new ArrayList<>();
    // written so that NaN fails too
    if (!(confidence >= 0.75 && confidence <= 0.999)) {
      problems.add(
          "registry.gate.confidence is "
              + confidence
              + "; it must lie between 0.75 and 0.999, such as 0.95");
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
   * The confidence of the two-sided interval whose upper end is the bound of {@link #confidence}:
   * of 5 % beyond that end, 5 % more lie beyond the other.
   */
  public double intervalConfidence() {
    return 2.0 * confidence - 1.0;
  }
}
