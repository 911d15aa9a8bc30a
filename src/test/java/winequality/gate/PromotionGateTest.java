package winequality.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.LongToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.model.ModelSignature;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.Histogram;
import winequality.data.profile.TableProfile;
import winequality.gate.GateSettings.GateMode;
import winequality.metrics.Interval;
import winequality.metrics.PairedComparison;
import winequality.metrics.RegressionEvaluation;

class PromotionGateTest {

  private static final ModelSignature SIGNATURE = ModelSignature.ofRegression(List.of("a", "b"));

  private final PromotionGate gate =
      new PromotionGate(TestRegistrySettings.gate(GateMode.AUTOMATIC));

  private static RegressionEvaluation evaluation(double rmse, double baseline) {
    return new RegressionEvaluation(
        400, rmse, 0.8 * rmse, OptionalDouble.empty(), OptionalDouble.empty(), baseline);
  }

  private static TableProfile profile(double min, double max) {
    return new TableProfile(
        2,
        0,
        List.of(
            new ColumnProfile(
                "a",
                "",
                2,
                0,
                min,
                max,
                (min + max) / 2,
                1.0,
                min,
                min,
                max,
                0.0,
                new Histogram(List.of(min, max), List.of(2L)),
                List.of())));
  }

  private static Candidate candidate(double rmse) {
    return new Candidate(
        evaluation(rmse, 0.8), 1.0, Map.of("a", 0.5, "b", 0.0), SIGNATURE, profile(0.0, 10.0));
  }

  /**
   * A champion whose RMSE is larger by the gain; the bound is what the difference can be at most.
   */
  private static Incumbent.Compared champion(double difference, double bound) {
    return champion(difference, bound, difference, Optional.of(profile(0.0, 10.0)));
  }

  private static Incumbent.Compared champion(
      double difference, double bound, double mae, Optional<TableProfile> reference) {
    return new Incumbent.Compared(
        "3",
        new PairedComparison(
            400,
            300,
            new Interval(difference, Math.min(difference, bound) - 0.02, bound),
            new Interval(mae, mae - 1.0, mae + 1.0)),
        reference);
  }

  private static List<String> failed(GateDecision decision) {
    return decision.grounds().failed().stream().map(GateCheck::name).toList();
  }

  private GateDecision decide(Candidate candidate, Incumbent incumbent) {
    return gate.decide(candidate, incumbent, List.of());
  }

  @Test
  void aFirstVersionHasToBeSaneAndNoMore() {
    GateDecision decision = decide(candidate(0.6), new Incumbent.None());
    assertThat(decision).isInstanceOf(GateDecision.Promote.class);
    assertThat(decision.grounds().checks().stream().map(GateCheck::name))
        .containsExactly("finite", "baseline", "rolled-back");
    assertThat(decision.summary())
        .isEqualTo(
            "promoted: every coefficient is finite; RMSE 0.600000, predicting the mean has 0.800000; no equal model has been rolled back");
  }

  // RMSE, that of the mean: equal up to rounding in any unit, or of a constant label
  @ParameterizedTest
  @CsvSource({
    "0.7999999999999999, 0.8",
    "0.8, 0.8",
    "0.9, 0.8",
    "NaN, 0.8",
    "999999.9999, 1e6",
    "0, 0",
  })
  void aModelThatIsNoBetterThanTheMeanIsRejectedEvenAsTheFirst(double rmse, double mean) {
    Candidate candidate =
        new Candidate(evaluation(rmse, mean), 1.0, Map.of("a", 0.5), SIGNATURE, profile(0.0, 10.0));
    assertThat(failed(decide(candidate, new Incumbent.None()))).containsExactly("baseline");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aModelThatIsNotFiniteIsRejected(double coefficient) {
    Candidate broken =
        new Candidate(
            evaluation(0.6, 0.8),
            coefficient,
            Map.of("a", coefficient, "b", 1.0),
            SIGNATURE,
            profile(0.0, 1.0));
    GateDecision decision = decide(broken, new Incumbent.None());
    assertThat(failed(decision)).containsExactly("finite");
    assertThat(decision.summary()).isEqualTo("rejected: 2 coefficients are not finite numbers");
  }

  @Test
  void aBetterModelIsPromotedWithItsReasons() {
    GateDecision decision = decide(candidate(0.6), champion(-0.05, -0.01));
    assertThat(decision).isInstanceOf(GateDecision.Promote.class);
    assertThat(decision.grounds().champion()).hasValue("3");
    assertThat(decision.grounds().checks().stream().map(GateCheck::name))
        .containsExactly(
            "finite",
            "baseline",
            "rolled-back",
            "signature",
            "rmse",
            "rmse-bound",
            "mae",
            "profile");
    assertThat(decision.summary())
        .isEqualTo(
            "promoted against version 3: RMSE 0.600000, the champion has 0.650000 on the same rows; with 96 % confidence its RMSE is at least 0.010000 lower than the champion's");
    assertThat(decision.markdown())
        .startsWith("**Gate: promoted against version 3")
        .contains("| passed | rmse-bound | -0.0100000 | 0 |");
    assertThat(decision.grounds().checks().get(7).text())
        .isEqualTo("every column stays in the range it had for the champion");
  }

  // difference of the RMSE, its upper bound, what fails
  @ParameterizedTest
  @CsvSource({
    "-0.05, 0.0, ''",
    "-0.05, 1e-9, rmse-bound",
    "-0.05, NaN, rmse-bound",
    "0.0, 0.0, rmse",
    // the same model, fitted on another processor
    "-1e-15, 0.0, rmse",
    "1e-15, 2e-15, rmse",
    "0.05, 0.1, 'rmse,rmse-bound,mae'",
  })
  void theRmseMustBeBetterAndALossMustBeRuledOut(double difference, double bound, String fails) {
    Incumbent.Compared champion =
        Double.isNaN(bound)
            ? new Incumbent.Compared(
                "3",
                new PairedComparison(
                    400, 20, Interval.unbounded(difference), Interval.unbounded(difference)),
                Optional.empty())
            : champion(difference, bound);
    GateDecision decision = decide(candidate(0.6), champion);
    assertThat(String.join(",", failed(decision))).isEqualTo(fails);
    assertThat(decision.summary().contains("the champion has the same on the same rows"))
        .isEqualTo(fails.equals("rmse"));
    if (fails.equals("rmse,rmse-bound,mae")) {
      assertThat(decision.summary())
          .contains(
              "; not shown to be good enough: with 96 % confidence its RMSE may be up to 0.100000 higher than the champion's, and it must not be higher; ");
    }
    if (Double.isNaN(bound)) {
      assertThat(decision.summary()).contains("20 distinct holdout rows are too few");
    }
  }

  @Test
  void aToleranceIsAShareOfTheChampionsRmse() {
    PromotionGate tolerant =
        new PromotionGate(new GateSettings(GateMode.AUTOMATIC, 0.96, 0.1, 0.01, 0.5));
    // the champion has 0.65: a loss of 0.065 is tolerated
    assertThat(tolerant.decide(candidate(0.6), champion(-0.05, 0.0649), List.of()))
        .isInstanceOf(GateDecision.Promote.class);
    GateDecision rejected = tolerant.decide(candidate(0.6), champion(-0.05, 0.0651), List.of());
    assertThat(failed(rejected)).containsExactly("rmse-bound");
    assertThat(rejected.summary())
        .isEqualTo(
            "rejected against version 3: not shown to be good enough: with 96 % confidence its RMSE may be up to 0.065100 higher than the champion's, and 0.065000 is allowed");
  }

  @Test
  void theMaeMayBeWorseByItsAllowance() {
    // the champion's MAE is 0.48 - difference; 1 % of it is allowed
    GateDecision within = decide(candidate(0.6), champion(-0.05, -0.01, 0.00475, Optional.empty()));
    assertThat(within).isInstanceOf(GateDecision.Promote.class);
    assertThat(within.grounds().checks().get(6).text())
        .isEqualTo("MAE 0.480000, at most 0.480003 is allowed");
    assertThat(failed(decide(candidate(0.6), champion(-0.05, -0.01, 0.0048, Optional.empty()))))
        .containsExactly("mae");
    PromotionGate strict =
        new PromotionGate(new GateSettings(GateMode.AUTOMATIC, 0.96, 0.0, 0.0, 0.5));
    // the same errors, added up on another processor
    assertThat(
            strict.decide(
                candidate(0.6), champion(-0.05, -0.01, 1e-15, Optional.empty()), List.of()))
        .isInstanceOf(GateDecision.Promote.class);
  }

  // range of the column now; it was 0 to 10 and may grow by 5 on each side
  @ParameterizedTest
  @CsvSource({"0, 10, ''", "-5, 15, ''", "2, 15.1, profile", "-5.1, 9, profile", "0, 100, profile"})
  void aColumnMustNotLeaveItsRangeByMoreThanAllowed(double min, double max, String fails) {
    Candidate candidate =
        new Candidate(evaluation(0.6, 0.8), 1.0, Map.of("a", 0.5), SIGNATURE, profile(min, max));
    GateDecision decision = decide(candidate, champion(-0.05, -0.01));
    assertThat(String.join(",", failed(decision))).isEqualTo(fails);
    assertThat(decision.summary().contains("the champion has the same on the same rows"))
        .isEqualTo(fails.equals("rmse"));
    if (max == 100.0) {
      assertThat(decision.summary())
          .isEqualTo(
              "rejected against version 3: \"a\" leaves the range it had for the champion by 9.00 of its width, 0.500 is allowed");
    }
  }

  @Test
  void aColumnThatIsGoneOrHadNoWidthIsSeen() {
    Incumbent constant = champion(-0.05, -0.01, -0.05, Optional.of(profile(5.0, 5.0)));
    assertThat(failed(decide(candidate(0.6), constant))).containsExactly("profile");
    Candidate gone =
        new Candidate(
            evaluation(0.6, 0.8),
            1.0,
            Map.of("a", 0.5),
            SIGNATURE,
            new TableProfile(2, 0, List.of()));
    assertThat(failed(decide(gone, champion(-0.05, -0.01)))).containsExactly("profile");
  }

  @Test
  void aMissingReferenceIsSaidAndBarsNobody() {
    GateDecision decision = decide(candidate(0.6), champion(-0.05, -0.01, -0.05, Optional.empty()));
    assertThat(decision).isInstanceOf(GateDecision.Promote.class);
    assertThat(decision.grounds().checks().get(7).text()).contains("were not compared");
  }

  @Test
  void aVersionThatIsCalledOtherwiseIsRejected() {
    GateDecision decision =
        decide(
            candidate(0.6), new Incumbent.OtherSignature("3", List.of("input \"pH\" is missing")));
    assertThat(failed(decision)).containsExactly("signature");
    assertThat(decision.summary())
        .isEqualTo(
            "rejected against version 3: callers of version 3 cannot call this one: input \"pH\" is missing");
  }

  @Test
  void whereTheChampionCannotBeReadAPersonDecidesUnlessTheModelIsBad() {
    Incumbent broken = new Incumbent.Unreadable("3", "there is no MLmodel.");
    assertThat(decide(candidate(0.6), broken))
        .isInstanceOfSatisfying(
            GateDecision.AwaitApproval.class,
            waiting ->
                assertThat(waiting.summary())
                    .isEqualTo(
                        "awaiting approval against version 3: it cannot be compared with the champion, version 3: there is no MLmodel. Roll back, or promote this version by hand."));
    assertThat(failed(decide(candidate(0.9), broken))).containsExactly("baseline");
  }

  @Test
  void withApprovalWhatWouldPassWaitsAndWhatWouldFailIsRejected() {
    PromotionGate asking = new PromotionGate(TestRegistrySettings.gate(GateMode.APPROVAL));
    assertThat(asking.decide(candidate(0.6), champion(-0.05, -0.01), List.of()).word())
        .isEqualTo("awaiting-approval");
    assertThat(asking.decide(candidate(0.6), champion(0.05, 0.1), List.of()).word())
        .isEqualTo("rejected");
    assertThat(asking.decide(candidate(0.6), new Incumbent.None(), List.of()).word())
        .isEqualTo("awaiting-approval");
  }

  @Test
  void theSameModelThatWasRolledBackDoesNotComeBackByItself() {
    GateDecision decision = gate.decide(candidate(0.6), champion(-0.05, -0.01), List.of("5"));
    assertThat(failed(decision)).containsExactly("rolled-back");
    assertThat(decision.summary()).contains("version 5 is the same model");
  }

  @Test
  void aComparisonOfOtherRowsIsNotTaken() {
    Incumbent.Compared other =
        new Incumbent.Compared(
            "3",
            new PairedComparison(399, 300, new Interval(0, 0, 0), new Interval(0, 0, 0)),
            Optional.empty());
    assertThatThrownBy(() -> decide(candidate(0.6), other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("evaluated on 400 rows and compared on 399");
  }

  // The statistics, on normal differences with the bound that belongs to them: 1,000 seeds each.
  // What
  // the bootstrap's own bounds do is for GateSimulationTest.

  private static final int SEEDS = 1000;
  private static final double STANDARD_ERROR = 0.01;

  /**
   * How many of 1,000 challengers are promoted that are truly better by so many standard errors.
   */
  private long promoted(double better) {
    double quantile = new NormalDistribution(0.0, 1.0).inverseCumulativeProbability(0.96);
    LongToDoubleFunction difference =
        seed -> STANDARD_ERROR * (new SplittableRandom(seed).nextGaussian() - better);
    return LongStream.range(0, SEEDS)
        .mapToDouble(difference)
        .mapToObj(d -> decide(candidate(0.6), champion(d, d + quantile * STANDARD_ERROR)))
        .collect(
            Collectors.filtering(GateDecision.Promote.class::isInstance, Collectors.counting()));
  }

  @Test
  void ofEqualModelsAtMostFivePercentArePromoted() {
    assertThat(promoted(0.0)).isLessThanOrEqualTo(SEEDS * 5 / 100);
  }

  @Test
  void ofModelsBetterByTwoStandardErrorsOfTheRmseFourInFiveArePromoted() {
    // squared errors with a correlation of 0.9: the paired standard error is √(2·0.1) of the RMSE's
    assertThat(promoted(2.0 / Math.sqrt(2.0 * 0.1))).isGreaterThanOrEqualTo(SEEDS * 80 / 100);
    // and from 0.71 on
    assertThat(promoted(2.0 / Math.sqrt(2.0 * 0.29))).isGreaterThanOrEqualTo(SEEDS * 79 / 100);
  }

  @Test
  void ofModelsBetterByTwoPairedStandardErrorsAsManyArePromotedAsTheConfidenceAllows() {
    // Φ(2 − 1.751) = 0.598; the most that any rule with 5 % of false promotions can have is
    // Φ(2 − 1.645) = 0.639. Four standard deviations of 1,000 draws are 6.2 %.
    assertThat(promoted(2.0) / (double) SEEDS).isBetween(0.536, 0.660);
  }
}
