package winequality.report;

import static java.util.Comparator.comparingDouble;
import static winequality.report.Figures.number;

import elasticnet.CrossValidation;
import elasticnet.PathPoint;
import elasticnet.solver.Penalty;
import java.awt.Color;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Plots of a cross-validated path over −log₁₀ λ, so λ falls to the right. */
public final class CrossValidationPlots {

  // the legend takes the right quarter
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 700;

  /** Only the largest coefficients have their name in the legend. */
  private static final int MOST_NAMES = 15;

  /**
   * The error of each alpha and the points that the two rules choose. The winner's alpha has error
   * bars of one standard error.
   */
  public Plot curve(CrossValidation path) {
    PathPoint winner = path.winner();
    Penalty by = winner.penalty();
    return new Plot(
        "cv_curve",
        "Cross-validated RMSE",
        "Cross-validated RMSE over falling lambda, a line for each alpha. The winner has alpha %s, lambda %s and RMSE %s."
            .formatted(by.elasticNetParam(), number(by.regParam()), number(winner.rmse().mean())),
        "",
        theme -> curve(path, theme));
  }

  private static XYChart curve(CrossValidation path, Theme theme) {
    LambdaAxis axis = LambdaAxis.of(path);
    XYChart chart = chart(theme, "Cross-validated RMSE", axis.title(path), "RMSE");
    chart.getStyler().setErrorBarsColorSeriesColor(true);
    chart.getStyler().setMarkerSize(12);
    path.byAlpha()
        .forEach(
            (alpha, points) -> {
              // bars of several alphas would hide each other
              double[] bars =
                  alpha == path.winner().penalty().elasticNetParam()
                      ? values(points, point -> point.rmse().standardError())
                      : null;
              double[] errors = values(points, point -> point.rmse().mean());
              chart
                  .addSeries("alpha " + alpha, axis.x(points), errors, bars)
                  .setMarker(SeriesMarkers.NONE);
            });
    // a diamond on a square: both stay visible if they are one point
    mark(chart, axis, "one standard error", path.oneStandardError(), theme.text())
        .setMarker(SeriesMarkers.SQUARE);
    mark(chart, axis, "minimum", path.minimum(), Color.RED).setMarker(SeriesMarkers.DIAMOND);
    return chart;
  }

  /** Coefficients for the winner's alpha, in label units per standard deviation of their column. */
  public Plot coefficients(CrossValidation path) {
    return new Plot(
        "coefficient_path",
        "Coefficients along the path",
        "Coefficients per standard deviation of their column over falling lambda, a line for each of %d columns, for the winner's alpha."
            .formatted(path.features().size()),
        "",
        theme -> coefficients(path, theme));
  }

  private static XYChart coefficients(CrossValidation path, Theme theme) {
    double alpha = path.winner().penalty().elasticNetParam();
    LambdaAxis axis = LambdaAxis.of(path);
    String title = "Coefficients for alpha " + alpha;
    XYChart chart = chart(theme, title, axis.title(path), "coefficient per standard deviation");
    List<PathPoint> points = path.byAlpha().getOrDefault(alpha, List.of());
    List<Integer> bySize =
        IntStream.range(0, path.features().size())
            .boxed()
            .sorted(comparingDouble(feature -> -Math.abs(scaled(path, path.winner(), feature))))
            .toList();
    for (int feature : bySize) {
      double[] sizes = values(points, point -> scaled(path, point, feature));
      XYSeries series = chart.addSeries(path.features().get(feature), axis.x(points), sizes);
      series.setMarker(points.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
      series.setShowInLegend(bySize.indexOf(feature) < MOST_NAMES);
    }
    return chart;
  }

  private static double scaled(CrossValidation path, PathPoint point, int feature) {
    return point.solution().coefficient(feature) * path.deviation(feature);
  }

  private static double[] values(List<PathPoint> points, ToDoubleFunction<PathPoint> value) {
    return points.stream().mapToDouble(value).toArray();
  }

  /**
   * −log₁₀ λ: the models with the smallest penalty are on the right. A λ of 0 is drawn at {@code
   * zero}, one power of ten to the right of the smallest other λ.
   */
  private record LambdaAxis(double zero) {

    static LambdaAxis of(CrossValidation path) {
      return new LambdaAxis(
          path.points().stream()
              .mapToDouble(point -> point.penalty().regParam())
              .filter(lambda -> lambda > 0.0)
              .map(lambda -> 1.0 - Math.log10(lambda))
              .max()
              .orElse(0.0));
    }

    double x(PathPoint point) {
      double lambda = point.penalty().regParam();
      return lambda == 0.0 ? zero : -Math.log10(lambda);
    }

    double[] x(List<PathPoint> points) {
      return values(points, this::x);
    }

    String title(CrossValidation path) {
      return path.points().stream().anyMatch(point -> point.penalty().regParam() == 0.0)
          ? "-log10(lambda); lambda = 0 at " + number(zero)
          : "-log10(lambda)";
    }
  }

  /** Marks the point of a rule; its alpha and lambda are in the page's table. */
  private static XYSeries mark(
      XYChart chart, LambdaAxis axis, String rule, PathPoint point, Color colour) {
    XYSeries series =
        chart.addSeries(rule, new double[] {axis.x(point)}, new double[] {point.rmse().mean()});
    series.setMarkerColor(colour);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    return series;
  }

  private static XYChart chart(Theme theme, String title, String xAxis, String yAxis) {
    XYChart chart = Charts.xy(theme, WIDTH, HEIGHT, xAxis, yAxis);
    chart.setTitle(title);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisTickMarkSpacingHint(150);
    chart.getStyler().setDecimalPattern("0.###");
    return chart;
  }
}
