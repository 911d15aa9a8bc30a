package winequality.gate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import winequality.JobTags;
import winequality.SafeText;

/** The gate's decision on a new version, with every reason. */
public sealed interface GateDecision {

  /** A fixed word: {@code promoted}, {@code rejected}, {@code awaiting-approval}. */
  default String word() {
    return this instanceof Promote
        ? JobTags.PROMOTED
        : this instanceof Reject ? JobTags.REJECTED : JobTags.AWAITING_APPROVAL;
  }

  Grounds grounds();

  /** The version becomes the champion. */
  record Promote(Grounds grounds) implements GateDecision {}

  /** The champion stays. */
  record Reject(Grounds grounds) implements GateDecision {}

  /** The champion stays until a person decides; {@code why} ends with a full stop. */
  record AwaitApproval(Grounds grounds, String why) implements GateDecision {}

  /** The conditions, and the number of the champion that was compared; empty if there was none. */
  record Grounds(Optional<String> champion, List<GateCheck> checks) {
    public Grounds {
      checks = List.copyOf(checks);
    }

    List<GateCheck> failed() {
      return checks.stream().filter(check -> !check.passed()).toList();
    }
  }

  /** One line: the decision, the champion and the decisive checks. */
  default String summary() {
    String against = grounds().champion().map(version -> " against version " + version).orElse("");
    if (this instanceof AwaitApproval waiting) {
      return "awaiting approval" + against + ": " + waiting.why();
    }
    List<String> reasons = decisive().stream().map(GateCheck::text).toList();
    return word() + against + ": " + String.join("; ", reasons);
  }

  /** The failed checks; if none failed, the comparisons of the RMSE; without those, all checks. */
  private List<GateCheck> decisive() {
    List<GateCheck> failed = grounds().failed();
    if (!failed.isEmpty()) {
      return failed;
    }
    List<GateCheck> compared =
        grounds().checks().stream().filter(check -> check.name().startsWith("rmse")).toList();
    return compared.isEmpty() ? grounds().checks() : compared;
  }

  default String markdown() {
    StringBuilder text = new StringBuilder("**Gate: " + SafeText.markdown(summary()) + "**\n\n");
    text.append("| | check | found | bound |\n|---|---|---|---|");
    for (GateCheck check : grounds().checks()) {
      String passed = check.passed() ? "passed" : "**failed**";
      String values = figure(check.value()) + " | " + figure(check.bound());
      text.append("\n| %s | %s | %s |".formatted(passed, SafeText.markdown(check.name()), values));
    }
    return text.toString();
  }

  private static String figure(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, "%.6g", value);
  }
}
