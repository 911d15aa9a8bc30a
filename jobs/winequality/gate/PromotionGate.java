package winequality.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.TableProfile;
import winequality.gate.GateSettings.GateMode;
import winequality.metrics.Interval;
import winequality.metrics.PairedComparison;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.Repeatability;

/**
 * Decides from figures alone whether a new version replaces the champion. It changes nothing.
 *
 * <p>A first version must have finite coefficients and a better RMSE than the mean. Any other
 * version must also have the champion's input signature, come from columns within the champion's
 * ranges, have an MAE within the allowance and a better RMSE on the holdout rows. In addition, the
 * upper confidence bound of the paired difference in RMSE (challenger less champion) must show no
 * loss beyond the tolerance.
 *
 * <p><b>Wrong promotions.</b> The bound is one-sided, because only a promotion can do harm. With a
 * tolerance of 0, a challenger that is not better is promoted with probability {@code 1 −
 * confidence}, and slightly more often with few rows: in 4,000 simulated tables of 200 holdout rows
 * it was 5.6 % with a confidence of 0.95, and 4.6 % with the default of 0.96. A large tolerance
 * lets up to half of all equal models pass, because only "better on these rows" remains.
 *
 * <p><b>Missed promotions.</b> A challenger that is truly better by k standard errors <em>of the
 * paired difference</em> passes with probability {@code Φ(k − 1.751)}: 60 % for k = 2, 80 % for k =
 * 2.59. A confidence of 0.95 would give 64 % for k = 2. By the lemma of Neyman and Pearson, that is
 * the most for 5 % of wrong promotions; 80 % would cost 12 %. The standard error <em>of the
 * RMSE</em>, which a report shows, is larger: if the squared errors of both models have the
 * correlation r, the paired difference has {@code √(2(1−r))} times that standard error. Of
 * challengers better by two standard errors of the RMSE, at least 80 % pass from r = 0.71 on, and
 * nearly all with r = 0.9.
 *
 * @see <a href="https://doi.org/10.1098/rsta.1933.0009">Neyman, Pearson (1933)</a>
 */
public final class PromotionGate {

  private final GateSettings settings;

  public PromotionGate(GateSettings settings) {
    this.settings = settings;
  }

  /**
   * Checks every condition and decides.
   *
   * @param duplicates rolled-back versions of the same model as the challenger: from the same rows,
   *     with the same settings
   * @throws IllegalArgumentException if evaluation and comparison are of different rows
   */
  public GateDecision decide(Candidate challenger, Incumbent incumbent, List<String> duplicates) {
    List<GateCheck> checks = new ArrayList<>(sanity(challenger, duplicates));
    if (incumbent instanceof Incumbent.OtherSignature other) {
      String text =
          "callers of version %s cannot call this one: %s"
              .formatted(other.version(), String.join(", ", other.differences()));
      checks.add(GateCheck.atMost("signature", 0.0, other.differences().size(), text));
    } else if (incumbent instanceof Incumbent.Compared compared) {
      checks.addAll(comparison(challenger, compared));
    }
    GateDecision.Grounds grounds = new GateDecision.Grounds(incumbent.champion(), checks);
    if (!grounds.failed().isEmpty()) {
      return new GateDecision.Reject(grounds);
    }
    if (incumbent instanceof Incumbent.Unreadable unreadable) {
      return new GateDecision.AwaitApproval(
          grounds,
          "it cannot be compared with the champion, version %s: %s Roll back, or promote this version by hand."
              .formatted(unreadable.version(), unreadable.why()));
    }
    return settings.mode() == GateMode.APPROVAL
        ? new GateDecision.AwaitApproval(
            grounds,
            "every check passed, and registry.gate.mode = approval leaves the promotion to a person (wine promote).")
        : new GateDecision.Promote(grounds);
  }

  private static List<GateCheck> sanity(Candidate challenger, List<String> duplicates) {
    List<Double> values = new ArrayList<>(challenger.coefficients().values());
    values.add(challenger.intercept());
    long infinite = values.stream().filter(value -> !Double.isFinite(value)).count();
    String finite =
        infinite == 0
            ? "every coefficient is finite"
            : infinite + " coefficients are not finite numbers";
    String rolledBack =
        duplicates.isEmpty()
            ? "no equal model has been rolled back"
            : "version %s is the same model, from the same rows and settings, and was rolled back"
                .formatted(String.join(", ", duplicates));
    double rmse = challenger.evaluation().rmse();
    double mean = challenger.evaluation().baselineRmse();
    String text = "RMSE %.6f, predicting the mean has %.6f";
    return List.of(
        GateCheck.atMost("finite", 0.0, (double) infinite, finite),
        check("baseline", rmse, mean, isBetter(rmse - mean, mean), text),
        GateCheck.atMost("rolled-back", 0.0, duplicates.size(), rolledBack));
  }

  private List<GateCheck> comparison(Candidate challenger, Incumbent.Compared champion) {
    PairedComparison comparison = champion.comparison();
    RegressionEvaluation evaluation = challenger.evaluation();
    if (comparison.rows() != evaluation.rows()) {
      throw new IllegalArgumentException(
          "The challenger was evaluated on %d rows and compared on %d; both must be the holdout"
              .formatted(evaluation.rows(), comparison.rows()));
    }
    Interval rmse = comparison.rmse();
    double championRmse = evaluation.rmse() - rmse.estimate();
    double championMae = evaluation.mae() - comparison.mae().estimate();
    double mostMae = championMae * (1.0 + settings.maeAllowance());
    // equal models may differ in the last digits
    double rounding = Repeatability.TOLERANCE;
    boolean maePassed =
        comparison.mae().estimate() <= (settings.maeAllowance() + rounding) * championMae;
    boolean better = isBetter(rmse.estimate(), championRmse);
    boolean equal = Math.abs(rmse.estimate()) <= rounding * championRmse;
    String rmseText =
        "RMSE %.6f, the champion has " + (equal ? "the same" : "%.6f") + " on the same rows";
    double loss = settings.tolerance() * championRmse;
    boolean bounded = rmse.high() <= loss + rounding * championRmse;
    String boundText =
        rmse.isBounded()
            ? boundText(rmse.high(), loss, bounded)
            : "%d distinct holdout rows are too few to say how sure the difference is"
                .formatted(comparison.groups());
    return List.of(
        GateCheck.atMost("signature", 0.0, 0.0, "the signature is the champion's"),
        check("rmse", evaluation.rmse(), championRmse, better, rmseText),
        new GateCheck("rmse-bound", rmse.high(), loss, bounded, boundText),
        check("mae", evaluation.mae(), mostMae, maePassed, "MAE %.6f, at most %.6f is allowed"),
        profile(challenger.profile(), champion));
  }

  private String boundText(double high, double loss, boolean passed) {
    return String.format(
        Locale.ROOT,
        "%swith %s %% confidence its RMSE %s %.6f %s than the champion's%s",
        passed ? "" : "not shown to be good enough: ",
        percent(settings.confidence()),
        high < 0.0 ? "is at least" : "may be up to",
        Math.abs(high),
        high < 0.0 ? "lower" : "higher",
        loss > 0.0 && high >= 0.0
            ? String.format(Locale.ROOT, ", and %.6f is allowed", loss)
            : passed ? "" : ", and it must not be higher");
  }

  private GateCheck profile(TableProfile profile, Incumbent.Compared champion) {
    double allowed = settings.profileAllowance();
    if (champion.reference().isEmpty()) {
      String text =
          "no profile of the champion's table is kept, so the columns' ranges were not compared";
      return new GateCheck("profile", Double.NaN, allowed, true, text);
    }
    String worst = "";
    double most = 0.0;
    for (ColumnProfile before : champion.reference().get().columns()) {
      Optional<ColumnProfile> now = profile.column(before.name());
      double outside = now.isEmpty() ? Double.POSITIVE_INFINITY : outside(before, now.get());
      if (outside > most) {
        most = outside;
        worst = before.name();
      }
    }
    String text = "every column stays in the range it had for the champion";
    if (!worst.isEmpty()) {
      text =
          String.format(
              Locale.ROOT,
              "\"%s\" leaves the range it had for the champion by %.3g of its width, %.3g is allowed",
              worst,
              most,
              allowed);
    }
    return GateCheck.atMost("profile", allowed, most, text);
  }

  /** How far the column leaves its earlier range, as a share of its width; infinite for width 0. */
  private static double outside(ColumnProfile before, ColumnProfile now) {
    double beyond = Math.max(before.min() - now.min(), now.max() - before.max());
    // the range of a column without values is NaN
    return beyond > 0.0 ? beyond / (before.max() - before.min()) : 0.0;
  }

  /** Whether a figure is lower by more than rounding, which differs between fits; not if NaN. */
  private static boolean isBetter(double difference, double figure) {
    return difference < -Repeatability.TOLERANCE * figure;
  }

  private static GateCheck check(
      String name, double value, double bound, boolean passed, String sentence) {
    return new GateCheck(
        name, value, bound, passed, String.format(Locale.ROOT, sentence, value, bound));
  }

  private static String percent(double share) {
    return String.valueOf(Math.round(share * 1000.0) / 10.0).replaceAll("\\.0$", "");
  }
}
