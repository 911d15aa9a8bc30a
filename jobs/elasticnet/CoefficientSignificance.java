package elasticnet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The tests of a fit's coefficients, or why there are none. */
public sealed interface CoefficientSignificance {

  /**
   * The tests, by column name in the features' order.
   *
   * @param degreesOfFreedom rows less coefficients, at least 1
   * @param intercept empty if none was fitted
   */
  record Tested(
      long degreesOfFreedom, Optional<Significance> intercept, Map<String, Significance> features)
      implements CoefficientSignificance {
    public Tested {
      features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
    }
  }

  /** No tests; the reason is for people, such as {@code the penalty is 0.5}. */
  record Untested(String reason) implements CoefficientSignificance {}

  default Optional<Significance> of(String feature) {
    return this instanceof Tested tested
        ? Optional.ofNullable(tested.features().get(feature))
        : Optional.empty();
  }

  default Optional<Significance> ofIntercept() {
    return this instanceof Tested tested ? tested.intercept() : Optional.empty();
  }
}
