package winequality.gate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.tracking.TagValues;
import winequality.JobTags;

/** Writes a decision of the gate to its version: tags and description. */
public final class GateRecorder {

  private static final String START = "\n\n---\n\n**Gate: ";

  private GateRecorder() {}

  /** Records the decision in place of an earlier one of the same version. */
  public static void record(
      RegistryCalls registry, String model, String version, GateDecision decision) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.GATE, decision.word());
    tags.put(
        JobTags.GATE_REASONS,
        decision.grounds().checks().stream()
            .map(check -> (check.passed() ? "passed: " : "FAILED: ") + check.text())
            .collect(Collectors.joining("\n")));
    decision.grounds().champion().ifPresent(champion -> tags.put(JobTags.GATE_CHAMPION, champion));
    registry.setTags(model, version, TagValues.shortened(tags));
    String before = withoutDecision(registry.version(model, version).description());
    registry.describe(model, version, before + "\n\n---\n\n" + decision.markdown());
  }

  /** A version's description without the decisions of the gate and of people after it. */
  public static String withoutDecision(String description) {
    int start = description.indexOf(START);
    return start < 0 ? description : description.substring(0, start);
  }
}
