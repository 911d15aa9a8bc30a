package winequality.gate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import sparkmlflow.MlflowTags;

/** What the gate says of a new version, with every reason. */
public sealed interface GateDecision {

  /** In words that stay: {@code promoted}, {@code rejected}, {@code awaiting-approval}. */
  default String word() {
    return this instanceof Promote
        ? MlflowTags.PROMOTED
        : this instanceof Reject ? MlflowTags.REJECTED : MlflowTags.AWAITING_APPROVAL;
  }

  /** What it rests on. */
  Grounds grounds();

  /** The version shall be the champion. */
  record Promote(Grounds grounds) implements GateDecision {}

  /** The champion stays. */
  record Reject(Grounds grounds) implements GateDecision {}

  /**
   * The champion stays until a person decides.
   *
   * @param why a sentence with a full stop
   */
  record AwaitApproval(Grounds grounds, String why) implements GateDecision {}

  /**
   * The conditions, and what the version was compared with.
   *
   * @param champion its number; empty if there was none
   */
  record Grounds(Optional<String> champion, List<GateCheck> checks) {
    public Grounds {
      checks = List.copyOf(checks);
    }

    List<GateCheck> failed() {
      return checks.stream().filter(check -> !check.passed()).toList();
    }
  }

  /** One line: the decision, the champion and what decided. */
  default String summary() {
    String against = grounds().champion().map(version -> " against version " + version).orElse("");
    if (this instanceof AwaitApproval waiting) {
      return "awaiting approval" + against + ": " + waiting.why();
    }
    return word() + against + ": " + sentences(decisive());
  }

  /** What failed; where nothing did, what was compared, or all if nothing was. */
  private List<GateCheck> decisive() {
    List<GateCheck> failed = grounds().failed();
    if (!failed.isEmpty()) {
      return failed;
    }
    List<GateCheck> compared =
        grounds().checks().stream().filter(check -> check.name().startsWith("rmse")).toList();
    return compared.isEmpty() ? grounds().checks() : compared;
  }

  /** The decision and every condition, in Markdown. */
  default String markdown() {
    String rows =
        grounds().checks().stream()
            .map(
                check ->
                    "| %s | %s | %s | %s |"
                        .formatted(
                            check.passed() ? "passed" : "**failed**",
                            check.name(),
                            figure(check.value()),
                            figure(check.bound())))
            .collect(Collectors.joining("\n"));
    return "**Gate: %s**\n\n| | check | found | bound |\n|---|---|---|---|\n%s"
        .formatted(summary(), rows);
  }

  private static String sentences(List<GateCheck> checks) {
    return checks.stream().map(GateCheck::text).collect(Collectors.joining("; "));
  }

  private static String figure(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, "%.6g", value);
  }
}
