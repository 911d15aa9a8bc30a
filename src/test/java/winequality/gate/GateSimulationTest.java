package winequality.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import sparkmlflow.model.ModelSignature;
import winequality.data.profile.TableProfile;
import winequality.gate.GateSettings.GateMode;
import winequality.metrics.BootstrapReplicates;
import winequality.metrics.BootstrapSettings;
import winequality.metrics.ErrorSums;
import winequality.metrics.PairedComparison;
import winequality.metrics.RegressionEvaluation;

/**
 * How often the gate is right, with the bootstrap's own bounds: 1,000 tables of 400 holdout rows,
 * about as many as the red wines have, on which two models err normally and mostly together.
 */
class GateSimulationTest {

  private static final int SEEDS = 1000;
  private static final int ROWS = 400;

  /** Of the errors; their squares have the square of it, 0.9. */
  private static final double CORRELATION = Math.sqrt(0.9);

  private static final double RMSE_ERROR = 1.0 / Math.sqrt(2.0 * ROWS);
  private static final double PAIRED_ERROR = RMSE_ERROR * Math.sqrt(2.0 * (1.0 - 0.9));

  private final PromotionGate gate =
      new PromotionGate(TestRegistrySettings.gate(GateMode.AUTOMATIC));
  private final BootstrapSettings bootstrap =
      new BootstrapSettings(
          500, TestRegistrySettings.gate(GateMode.AUTOMATIC).intervalConfidence(), 11);

  private int promoted(double gain) {
    int promoted = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      promoted += decide(seed, gain) instanceof GateDecision.Promote ? 1 : 0;
    }
    return promoted;
  }

  /**
   * The champion's errors have a standard deviation of 1, the challenger's are less by the gain.
   */
  private GateDecision decide(int seed, double gain) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ErrorSums> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      double champion = random.nextGaussian();
      double challenger =
          (1.0 - gain)
              * (CORRELATION * champion
                  + Math.sqrt(1.0 - CORRELATION * CORRELATION) * random.nextGaussian());
      rows.add(
          new ErrorSums(
              new double[] {
                1.0,
                0.0,
                0.0,
                challenger * challenger,
                Math.abs(challenger),
                champion * champion,
                Math.abs(champion)
              }));
    }
    BootstrapReplicates replicates = new BootstrapReplicates(rows, bootstrap);
    PairedComparison comparison =
        new PairedComparison(
            ROWS,
            ROWS,
            replicates.interval(sums -> sums.rmse(0) - sums.rmse(1)),
            replicates.interval(sums -> sums.mae(0) - sums.mae(1)));
    Candidate candidate =
        new Candidate(
            new RegressionEvaluation(
                ROWS,
                replicates.total().rmse(0),
                replicates.total().mae(0),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                2.0),
            0.0,
            Map.of("a", 1.0),
            ModelSignature.ofRegression(List.of("a")),
            new TableProfile(1, 0, List.of()));
    return gate.decide(
        candidate, new Incumbent.Compared("1", comparison, Optional.empty()), List.of());
  }

  @Test
  void ofEqualModelsAtMostFivePercentArePromoted() {
    assertThat(promoted(0.0)).isLessThanOrEqualTo(SEEDS * 5 / 100);
  }

  @Test
  void ofModelsBetterByTwoStandardErrorsOfTheRmseFourInFiveArePromoted() {
    assertThat(promoted(2.0 * RMSE_ERROR)).isGreaterThanOrEqualTo(SEEDS * 80 / 100);
  }

  @Test
  void ofModelsBetterByTwoPairedStandardErrorsAsManyArePromotedAsTheConfidenceAllows() {
    // Φ(2 − 1.751) = 0.598 with a normal bound; see PromotionGateTest
    assertThat(promoted(2.0 * PAIRED_ERROR) / (double) SEEDS).isBetween(0.536, 0.660);
  }
}
