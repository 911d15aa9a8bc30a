package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LearningSettingsTest {

  @Test
  void valuesAtTheEndsOfTheirRangesAreTaken() {
    assertThat(settings(0.0, 1, 1e-15, "auto", "huber", 1.01, 2)).isNotNull();
    assertThat(settings(1.0, 1, 0.99, "l-bfgs", "squaredError", 1e9, 2)).isNotNull();
  }

  @Test
  void badValuesAreRefusedByTheirName() {
    assertThatThrownBy(() -> settings(0.5, 0, 1e-6, "normal", "squaredError", 1.35, 2))
        .hasMessage("maxIterations is 0; it must be at least 1");
    for (double tolerance : new double[] {0.0, 1.0, Double.NaN}) {
      assertThatThrownBy(() -> settings(0.5, 9, tolerance, "normal", "squaredError", 1.35, 2))
          .hasMessage("tolerance is " + tolerance + "; it must lie strictly between 0 and 1");
    }
    assertThatThrownBy(() -> settings(0.5, 9, 1e-6, "newton", "squaredError", 1.35, 2))
        .hasMessage("solver is newton; it must be one of [normal, l-bfgs, auto]");
    assertThatThrownBy(() -> settings(0.5, 9, 1e-6, "normal", "absolute", 1.35, 2))
        .hasMessage("loss is absolute; it must be one of [squaredError, huber]");
    for (double epsilon : new double[] {1.0, Double.POSITIVE_INFINITY, Double.NaN}) {
      assertThatThrownBy(() -> settings(0.5, 9, 1e-6, "normal", "squaredError", epsilon, 2))
          .hasMessage("huberEpsilon is " + epsilon + "; it must be a finite number above 1");
    }
    assertThatThrownBy(() -> settings(0.5, 9, 1e-6, "normal", "squaredError", 1.35, 1))
        .hasMessage("aggregationDepth is 1; it must be at least 2");
  }

  @Test
  void theHuberLossHasNeitherNormalEquationsNorAnL1Penalty() {
    assertThatThrownBy(() -> settings(0.0, 9, 1e-6, "normal", "huber", 1.35, 2))
        .hasMessageStartingWith("solver is normal; it must be l-bfgs or auto");
    assertThatThrownBy(() -> settings(0.5, 9, 1e-6, "auto", "huber", 1.35, 2))
        .hasMessageStartingWith("elasticNetParam is 0.5; it must be 0");
  }

  private static LearningSettings settings(
      double elasticNetParam,
      int maxIterations,
      double tolerance,
      String solver,
      String loss,
      double huberEpsilon,
      int aggregationDepth) {
    return new LearningSettings(
        0.1,
        elasticNetParam,
        true,
        true,
        maxIterations,
        tolerance,
        solver,
        loss,
        huberEpsilon,
        aggregationDepth);
  }
}
