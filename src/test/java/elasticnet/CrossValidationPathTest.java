package elasticnet;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.ElasticNetProblem;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.ElasticNetSolver;
import elasticnet.solver.Penalty;
import elasticnet.solver.RegParams;
import elasticnet.split.FoldAssigner;
import elasticnet.split.FoldSettings;
import elasticnet.split.Folds;
import elasticnet.statistics.FoldedStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;

@Tag(SparkTest.COMPILED)
class CrossValidationPathTest extends SparkTest {
  private static final RegParams FEW = new RegParams.Grid(List.of(0.3, 0.03, 0.003));

  @Test
  void everyErrorIsThatOfPredictingTheRowsOneByOne() {
    List<Folds> repetitions =
        new FoldAssigner(new FoldSettings(3, List.of(1L, 2L))).assign(Goldens.FEATURES);
    Dataset<Row> wines =
        Goldens.wines(spark())
            .withColumn("first", repetitions.get(0).fold())
            .withColumn("second", repetitions.get(1).fold());
    List<Row> rows = wines.collectAsList();

    CrossValidation actual =
        new CrossValidationPath(settings(TuningSettings.AbsoluteError.MEASURED))
            .fit(wines.repartition(3), Goldens.COLUMNS, repetitions);

    assertThat(actual.points()).hasSize(6);
    for (PathPoint point : actual.points()) {
      assertThat(point.folds()).hasSize(6);
      for (FoldScore score : point.folds()) {
        int column = 12 + score.repetition();
        List<Row> training =
            rows.stream().filter(row -> row.getInt(column) != score.fold()).toList();
        List<Row> validation =
            rows.stream().filter(row -> row.getInt(column) == score.fold()).toList();
        ElasticNetSolution solution =
            new ElasticNetSolver(Goldens.TIGHT)
                .path(
                    new ElasticNetProblem(Goldens.statistics(training), ColumnScaling.STANDARDIZED),
                    point.penalty().elasticNetParam(),
                    List.of(point.penalty().regParam()))
                .get(0);
        double[] errors = validation.stream().mapToDouble(row -> error(solution, row)).toArray();
        double mean = validation.stream().mapToDouble(row -> row.getDouble(11)).average().orElse(0);
        double squares = sum(errors, 2);
        double variation =
            validation.stream().mapToDouble(row -> Math.pow(row.getDouble(11) - mean, 2)).sum();
        assertThat(score.rows()).isEqualTo(validation.size());
        assertThat(score.mse()).isCloseTo(squares / errors.length, withinPercentage(1e-9));
        assertThat(score.r2().orElseThrow()).isCloseTo(1 - squares / variation, within(1e-10));
        assertThat(score.mae().orElseThrow())
            .isCloseTo(sum(errors, 1) / errors.length, withinPercentage(1e-9));
      }
      double allRows =
          point.folds().stream().mapToDouble(fold -> fold.rows() * fold.mae().orElseThrow()).sum();
      assertThat(point.mae().orElseThrow().mean())
          .isCloseTo(allRows / (2 * rows.size()), withinPercentage(1e-10));
      assertThat(point.r2().orElseThrow().mean())
          .isCloseTo(
              point.folds().stream().mapToDouble(f -> f.r2().orElseThrow()).average().orElse(0),
              withinPercentage(1e-10));
    }
  }

  @Test
  void absoluteErrorsThatNobodyAskedForAreEmpty() {
    CrossValidation actual =
        new CrossValidationPath(settings(TuningSettings.AbsoluteError.SKIPPED))
            .fit(Goldens.wines(spark()), Goldens.FEATURES, Goldens.LABEL);

    assertThat(actual.points())
        .allSatisfy(
            point -> {
              assertThat(point.mae()).isEmpty();
              assertThat(point.folds()).allSatisfy(fold -> assertThat(fold.mae()).isEmpty());
            });
  }

  @Test
  void absoluteErrorsNeedTheRows() throws IOException {
    FoldedStatistics folded = Goldens.Wines.RED.statistics();

    assertThatThrownBy(
            () ->
                new CrossValidationPath(settings(TuningSettings.AbsoluteError.MEASURED))
                    .fit(folded, Goldens.FEATURES, List.of(Goldens.FOLDS)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The mean absolute error needs the rows");
  }

  @Test
  void partitionsDoNotMatter() {
    CrossValidationPath path =
        new CrossValidationPath(settings(TuningSettings.AbsoluteError.SKIPPED));
    CrossValidation one = path.fit(Goldens.wines(spark()), Goldens.FEATURES, Goldens.LABEL);
    for (int partitions : new int[] {3, 7}) {
      CrossValidation other =
          path.fit(Goldens.wines(spark()).repartition(partitions), Goldens.FEATURES, Goldens.LABEL);
      for (int i = 0; i < one.points().size(); i++) {
        PathPoint expected = one.points().get(i);
        PathPoint actual = other.points().get(i);
        assertThat(actual.mse().mean()).isCloseTo(expected.mse().mean(), withinPercentage(1e-10));
        for (int j = 0; j < 11; j++) {
          double coefficient = expected.solution().coefficient(j);
          assertThat(actual.solution().coefficient(j))
              .isCloseTo(coefficient, within(1e-10 * Math.abs(coefficient)));
        }
      }
    }
  }

  @Test
  void theSequenceIsThatOfAllTrainRows() {
    TuningSettings settings =
        Goldens.settings(List.of(1.0, 0.5), new RegParams.Sequence(4, 1e-3), ColumnScaling.AS_IS);

    CrossValidation actual =
        new CrossValidationPath(settings)
            .fit(Goldens.wines(spark()), Goldens.FEATURES, Goldens.LABEL);

    double lasso = actual.points().get(0).penalty().regParam();
    assertThat(actual.points().stream().map(PathPoint::penalty))
        .extracting(Penalty::elasticNetParam)
        .containsExactly(1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5);
    assertThat(actual.points().get(3).penalty().regParam())
        .isCloseTo(lasso * 1e-3, withinPercentage(1e-10));
    assertThat(actual.points().get(4).penalty().regParam())
        .isCloseTo(lasso * 2, withinPercentage(1e-10));
  }

  @Test
  void meansAndStandardErrorsAreThoseWorkedByHand() {
    // two folds of 1 and 3 rows with MSE 4 and 16:
    // MSE over rows (4 + 3·16)/4 = 13; weighted squares (81 + 3·9)/4 = 27, by k − 1 = 1: √27
    // RMSE 2 and 4: mean 3, squares (1 + 1)/2 = 1, by k − 1 = 1: 1
    List<FoldScore> folds = List.of(score(0, 0, 1, 4), score(0, 1, 3, 16));
    PathPoint point = point(0.5, 0.1, folds);

    assertThat(point.mse().mean()).isCloseTo(13, within(1e-12));
    assertThat(point.mse().standardError()).isCloseTo(Math.sqrt(27), within(1e-12));
    assertThat(point.rmse().mean()).isCloseTo(3, within(1e-12));
    assertThat(point.rmse().standardError()).isCloseTo(1, within(1e-12));
    assertThat(point.r2()).isEmpty();

    // the same folds again: the means stay, and so do the errors
    List<FoldScore> twice = new ArrayList<>(folds);
    twice.add(score(1, 0, 1, 4));
    twice.add(score(1, 1, 3, 16));
    assertThat(point(0.5, 0.1, twice).mse().standardError())
        .isCloseTo(Math.sqrt(27), within(1e-12));
    assertThat(point(0.5, 0.1, twice).rmse()).isEqualTo(point.rmse());
  }

  @Test
  void theRulesChooseByErrorAndByOneStandardError() {
    List<PathPoint> points =
        List.of(
            point(1.0, 9.0, 4.0, 0.1),
            point(1.0, 3.0, 2.4, 0.1),
            point(1.0, 1.0, 2.0, 0.5),
            point(1.0, 0.5, 2.0, 0.9),
            point(0.0, 99.0, 2.1, 0.1),
            point(0.0, 5.0, 2.0, 0.1),
            // within the limit and stronger, but of another α
            point(1.0, 200.0, 2.05, 0.1));

    // 2.0 four times: the largest λ of them is 5.0, of α = 0
    PathPoint minimum = SelectionRule.MINIMUM.choose(points, SelectionMeasure.MSE);
    assertThat(minimum).isSameAs(points.get(5));
    // within 2.0 + 0.1, of the same α
    assertThat(SelectionRule.ONE_STANDARD_ERROR.choose(points, SelectionMeasure.MSE))
        .isSameAs(points.get(4));
    List<PathPoint> lasso = points.subList(0, 4);
    assertThat(SelectionRule.MINIMUM.choose(lasso, SelectionMeasure.MSE)).isSameAs(points.get(2));
    // 2.0 + 0.5 reaches 2.4 but not 4.0
    assertThat(SelectionRule.ONE_STANDARD_ERROR.choose(lasso, SelectionMeasure.MSE))
        .isSameAs(points.get(1));
  }

  @Test
  void measuresMayDisagree() {
    // by rows the large fold decides, by folds both
    PathPoint goodOnLarge = point(1.0, 1.0, List.of(score(0, 0, 1, 100), score(0, 1, 99, 1)));
    PathPoint goodOnSmall = point(1.0, 2.0, List.of(score(0, 0, 1, 1), score(0, 1, 99, 4)));
    List<PathPoint> points = List.of(goodOnLarge, goodOnSmall);

    assertThat(SelectionRule.MINIMUM.choose(points, SelectionMeasure.MSE)).isSameAs(goodOnLarge);
    assertThat(SelectionRule.MINIMUM.choose(points, SelectionMeasure.RMSE)).isSameAs(goodOnSmall);
  }

  @Test
  void theWinnerFollowsTheRule() {
    for (SelectionRule rule : SelectionRule.values()) {
      TuningSettings like = settings(TuningSettings.AbsoluteError.SKIPPED);
      CrossValidation actual =
          new CrossValidationPath(
                  new TuningSettings(
                      like.folds(),
                      List.of(1.0),
                      new RegParams.Sequence(30, 1e-3),
                      like.scaling(),
                      like.measure(),
                      rule,
                      like.absoluteError(),
                      like.solver()))
              .fit(Goldens.wines(spark()), Goldens.FEATURES, Goldens.LABEL);
      assertThat(actual.oneStandardError().penalty().regParam())
          .isGreaterThan(actual.minimum().penalty().regParam());
      assertThat(actual.winner())
          .isSameAs(rule == SelectionRule.MINIMUM ? actual.minimum() : actual.oneStandardError());
    }
  }

  @Test
  void tooFewRowsAreRefusedWithTheLargestNumberOfFoldsThatWorks() {
    Dataset<Row> few = Goldens.wines(spark()).limit(24);
    String refusal = "%d folds are too many for the train rows, because every fold needs a row; ";
    LearningException refused =
        catchThrowableOfType(LearningException.class, () -> folded(few, 24));
    assertThat(refused)
        .hasMessageStartingWith(refusal.formatted(24))
        .hasMessageEndingWith(" folds work");

    String message = String.valueOf(refused.getMessage());
    int largest = Integer.parseInt(message.replaceAll(".*; (\\d+) folds.*", "$1"));
    assertThat(folded(few, largest).repetitions())
        .hasSize(2)
        .allMatch(folds -> folds.k() == largest);
    for (int k = largest + 1; k < 24; k++) {
      int more = k;
      assertThatThrownBy(() -> folded(few, more)).isInstanceOf(LearningException.class);
    }
    assertThatThrownBy(() -> folded(few.limit(1), 3))
        .hasMessage(
            refusal.formatted(3) + "no number of folds works, so add rows or take other seeds");
  }

  private static CrossValidation folded(Dataset<Row> wines, int folds) {
    TuningSettings like =
        Goldens.settings(
            List.of(0.5), new RegParams.Grid(List.of(0.1)), ColumnScaling.STANDARDIZED);
    return new CrossValidationPath(
            new TuningSettings(
                new FoldSettings(folds, List.of(7L, 8L)),
                like.elasticNetParams(),
                like.regParams(),
                like.scaling(),
                like.measure(),
                like.rule(),
                like.absoluteError(),
                like.solver()))
        .fit(wines, Goldens.FEATURES, Goldens.LABEL);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, 0.5, 1.0})
  void mllibAgreesOnTheWinner(double alpha) {
    CrossValidation path = lasso(Goldens.wines(spark()), Goldens.FEATURES, alpha, 0.01);

    Agreement agreement = agreement(path, mllib(Goldens.wines(spark()), path));

    assertThat(agreement.coefficients()).isLessThan(1e-6);
    assertThat(agreement.predictions()).isLessThan(1e-6);
  }

  @Test
  void columnsThatFollowFromEachOtherMayShareTheirEffectInAnyWay() {
    Dataset<Row> wines = Goldens.wines(spark()).withColumn("proof", col("alcohol").multiply(2.0));
    List<String> features = new ArrayList<>(Goldens.FEATURES);
    features.add("proof");
    // the lasso of scaled columns cannot tell the two apart
    CrossValidation path = lasso(wines, features, 1.0, 0.01);
    FittedElasticNet other = mllib(wines, path);

    Agreement agreement = agreement(path, other);

    assertThat(agreement.coefficients()).isGreaterThan(1e-3);
    assertThat(agreement.predictions()).isLessThan(1e-6);
  }

  @Test
  void aNegligibleRestOfACoefficientIsNoDisagreement() {
    CrossValidation path = lasso(Goldens.wines(spark()), Goldens.FEATURES, 1.0, 100.0);
    double mean = path.winner().solution().intercept();

    assertThat(agreement(path, fitted(mean, 1e-17)).predictions()).isLessThan(1e-14);
    assertThat(agreement(path, fitted(mean, 1e-17)).coefficients()).isInfinite();
    assertThat(agreement(path, fitted(mean, 0.0))).isEqualTo(new Agreement(0.0, 0.0));
  }

  @Test
  void predictionsDifferByTheRootMeanSquareOverTheRows() {
    CrossValidation path = lasso(Goldens.wines(spark()), Goldens.FEATURES, 1.0, 100.0);
    double mean = path.winner().solution().intercept();
    // 0.01 per % of alcohol and 0.02 too much everywhere, worked out from the rows
    double[] differences =
        Goldens.wines(spark()).collectAsList().stream()
            .mapToDouble(row -> 0.02 + 0.01 * row.getDouble(10))
            .toArray();
    double[] labels =
        Goldens.wines(spark()).collectAsList().stream()
            .mapToDouble(row -> row.getDouble(11) - mean)
            .toArray();
    FittedElasticNet other = fitted(mean + 0.02, 0.01);

    assertThat(agreement(path, other).predictions())
        .isCloseTo(Math.sqrt(sum(differences, 2) / sum(labels, 2)), withinPercentage(1e-8));
  }

  /** A fit whose coefficients are 0 but the one of alcohol. */
  private static FittedElasticNet fitted(double intercept, double alcohol) {
    Map<String, Double> coefficients = new LinkedHashMap<>();
    Goldens.FEATURES.forEach(feature -> coefficients.put(feature, 0.0));
    coefficients.put("alcohol", alcohol);
    return new FittedElasticNet(
        new PipelineModel("none", new Transformer[0]), intercept, coefficients, List.of(), 0.5);
  }

  private static CrossValidation lasso(
      Dataset<Row> wines, List<String> features, double alpha, double lambda) {
    return new CrossValidationPath(
            Goldens.settings(
                List.of(alpha), new RegParams.Grid(List.of(lambda)), ColumnScaling.STANDARDIZED))
        .fit(wines, features, Goldens.LABEL);
  }

  private static Agreement agreement(CrossValidation path, FittedElasticNet other) {
    return Agreement.of(path.winner().solution(), other, path.train());
  }

  /** MLlib's own result, from the columns as they are. */
  private static FittedElasticNet mllib(Dataset<Row> wines, CrossValidation path) {
    Penalty penalty = path.winner().penalty();
    return new ElasticNetTrainer(
            new LearningSettings(
                penalty.regParam(),
                penalty.elasticNetParam(),
                true,
                true,
                1000,
                1e-13,
                "normal",
                "squaredError",
                1.35,
                2))
        .fitByMllib(
            wines, RegressionColumns.ofNumbers(path.features(), Goldens.LABEL), Optional.empty());
  }

  @Test
  void aConstantLabelHasErrorZeroAndNoR2() {
    Dataset<Row> constant = Goldens.wines(spark()).withColumn(Goldens.LABEL, lit(5.5));

    CrossValidation actual =
        new CrossValidationPath(settings(TuningSettings.AbsoluteError.SKIPPED))
            .fit(constant, Goldens.FEATURES, Goldens.LABEL);

    assertThat(actual.points())
        .allSatisfy(
            point -> {
              assertThat(point.mse()).isEqualTo(new Estimate(0.0, 0.0));
              assertThat(point.r2()).isEqualTo(Optional.empty());
              assertThat(point.solution().intercept()).isEqualTo(5.5);
            });
  }

  private static TuningSettings settings(TuningSettings.AbsoluteError absoluteError) {
    return new TuningSettings(
        new FoldSettings(3, List.of(1L)),
        List.of(0.0, 0.8),
        FEW,
        ColumnScaling.STANDARDIZED,
        SelectionMeasure.MSE,
        SelectionRule.MINIMUM,
        absoluteError,
        Goldens.TIGHT);
  }

  private static double error(ElasticNetSolution solution, Row row) {
    double prediction = solution.intercept();
    for (int j = 0; j < 11; j++) {
      prediction += solution.coefficient(j) * row.getDouble(j);
    }
    return row.getDouble(11) - prediction;
  }

  private static double sum(double[] errors, int power) {
    double sum = 0.0;
    for (double error : errors) {
      sum += Math.pow(Math.abs(error), power);
    }
    return sum;
  }

  private static FoldScore score(int repetition, int fold, long rows, double mse) {
    return new FoldScore(
        repetition, fold, rows, rows, mse, OptionalDouble.empty(), OptionalDouble.empty());
  }

  private static PathPoint point(double alpha, double lambda, List<FoldScore> folds) {
    return PathPoint.of(
        new ElasticNetSolution(new Penalty(alpha, lambda), 0.0, new double[1]), folds);
  }

  private static PathPoint point(double alpha, double lambda, double mean, double error) {
    return new PathPoint(
        new ElasticNetSolution(new Penalty(alpha, lambda), 0.0, new double[1]),
        List.of(),
        new Estimate(mean, error),
        new Estimate(0.0, 0.0),
        Optional.empty(),
        Optional.empty());
  }
}
