package winequality.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.registry.MemoryRegistry;

class GateRecorderTest {

  private static final List<GateCheck> CHECKS =
      List.of(
          new GateCheck("finite", 0, 0, true, "every coefficient is finite"),
          new GateCheck("rmse", 0.7, 0.6, false, "RMSE 0.7, the champion has 0.6"));

  private final MemoryRegistry registry = new MemoryRegistry().withReady(3);

  @ParameterizedTest
  @ValueSource(strings = {"A model of wines.", ""})
  void theVersionHasTheDecisionItsReasonsAndTheChampionAndALaterOneReplacesThem(
      String description) {
    registry.describe("wine", "3", description);
    GateDecision rejected =
        new GateDecision.Reject(new GateDecision.Grounds(Optional.of("2"), CHECKS));

    GateRecorder.record(registry, "wine", "3", rejected);

    assertThat(registry.version("wine", "3").tags())
        .isEqualTo(
            Map.of(
                "gate", "rejected",
                "gate_reasons",
                    "passed: every coefficient is finite\nFAILED: RMSE 0.7, the champion has 0.6",
                "gate_champion", "2"));
    assertThat(registry.version("wine", "3").description())
        .isEqualTo(description + "\n\n---\n\n" + rejected.markdown());

    GateDecision promoted =
        new GateDecision.Promote(new GateDecision.Grounds(Optional.of("2"), CHECKS.subList(0, 1)));
    GateRecorder.record(registry, "wine", "3", promoted);

    assertThat(registry.version("wine", "3").tags()).containsEntry("gate", "promoted");
    assertThat(registry.version("wine", "3").description())
        .isEqualTo(description + "\n\n---\n\n" + promoted.markdown());
  }
}
