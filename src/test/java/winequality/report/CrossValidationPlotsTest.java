package winequality.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import elasticnet.CrossValidation;
import elasticnet.CrossValidationPath;
import elasticnet.PathPoint;
import elasticnet.SelectionMeasure;
import elasticnet.SelectionRule;
import elasticnet.TuningSettings;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldSettings;
import elasticnet.split.Folds;
import elasticnet.statistics.FoldedStatistics;
import elasticnet.statistics.StatisticsAccumulator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;

class CrossValidationPlotsTest {

  @Test
  void noPenaltyStandsAPowerOfTenBeyondTheSmallestOne() {
    CrossValidation path = path(new RegParams.Grid(List.of(0.1, 0.01, 0.0)));
    XYChart curve = curve(path);

    XYSeries lasso = series(curve, "alpha 1.0");
    assertThat(lasso.getXData()).containsExactly(new double[] {1, 2, 3}, within(1e-12));
    assertThat(lasso.getYData())
        .containsExactly(
            path.points().subList(3, 6).stream().mapToDouble(p -> p.rmse().mean()).toArray());
    assertThat(curve.getXAxisTitle()).isEqualTo("-log10(lambda); lambda = 0 at 3");
    assertThat(series(coefficients(path), "first").getXData())
        .containsExactly(new double[] {1, 2, 3}, within(1e-12));
  }

  @Test
  void noPenaltyAtAllIsDrawnToo() throws IOException {
    CrossValidation path = path(new RegParams.Grid(List.of(0.0)));

    assertThat(series(curve(path), "alpha 1.0").getXData()).containsExactly(0.0);
    for (Theme theme : Theme.values()) {
      for (Plot plot :
          List.of(
              new CrossValidationPlots().curve(path),
              new CrossValidationPlots().coefficients(path))) {
        byte[] png = plot.png(theme).orElseThrow();
        assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(1200);
      }
    }
  }

  @Test
  void aPathWithoutZeroSaysNothingOfIt() {
    assertThat(curve(path(new RegParams.Sequence(10, 1e-3))).getXAxisTitle())
        .isEqualTo("-log10(lambda)");
  }

  @Test
  void bothChosenPointsAreMarkedAndTheWinnersMixtureHasBars() {
    CrossValidation path = path(new RegParams.Sequence(10, 1e-3));
    XYChart curve = curve(path);

    for (PathPoint point : List.of(path.minimum(), path.oneStandardError())) {
      XYSeries mark =
          series(curve, point.equals(path.minimum()) ? "minimum" : "one standard error");
      assertThat(mark.getXData())
          .containsExactly(new double[] {-Math.log10(point.penalty().regParam())}, within(1e-12));
      assertThat(mark.getYData()).containsExactly(point.rmse().mean());
    }
    double winner = path.winner().penalty().elasticNetParam();
    assertThat(series(curve, "alpha " + winner).getExtraValues())
        .containsExactly(
            path.points().stream()
                .filter(point -> point.penalty().elasticNetParam() == winner)
                .mapToDouble(point -> point.rmse().standardError())
                .toArray());
    assertThat(series(curve, "alpha " + (1.0 - winner)).getExtraValues()).isNull();
  }

  @Test
  void coefficientsAreDrawnPerDeviationOfTheirColumn() {
    CrossValidation path = path(new RegParams.Grid(List.of(0.01)));
    double deviation = Math.sqrt(path.train().variance(1));

    assertThat(series(coefficients(path), "second").getYData())
        .containsExactly(
            new double[] {path.winner().solution().coefficient(1) * deviation}, within(1e-12));
  }

  private static XYSeries series(XYChart chart, String name) {
    return Objects.requireNonNull(chart.getSeriesMap().get(name), name);
  }

  private static XYChart curve(CrossValidation path) {
    return (XYChart) new CrossValidationPlots().curve(path).drawing().apply(Theme.LIGHT);
  }

  private static XYChart coefficients(CrossValidation path) {
    return (XYChart) new CrossValidationPlots().coefficients(path).drawing().apply(Theme.LIGHT);
  }

  /** Of 100 rows: the label is the first column and a tenth of the second, which varies tenfold. */
  private static CrossValidation path(RegParams regParams) {
    Random random = new Random(4);
    List<StatisticsAccumulator> folds =
        List.of(new StatisticsAccumulator(3), new StatisticsAccumulator(3));
    for (int row = 0; row < 100; row++) {
      double first = random.nextGaussian();
      double second = 10 * random.nextGaussian();
      double label = first + second / 10 + random.nextGaussian();
      folds.get(row % 2).add(new double[] {first, second, label}, 0);
    }
    TuningSettings settings =
        new TuningSettings(
            new FoldSettings(2, List.of(1L)),
            List.of(0.0, 1.0),
            regParams,
            ColumnScaling.AS_IS,
            SelectionMeasure.RMSE,
            SelectionRule.MINIMUM,
            TuningSettings.AbsoluteError.SKIPPED,
            new SolverSettings(1e-13, 1000));
    return new CrossValidationPath(settings)
        .fit(
            new FoldedStatistics(
                List.of(folds.stream().map(StatisticsAccumulator::statistics).toList())),
            List.of("first", "second"),
            List.of(new Folds("row % 2", 2)));
  }
}
