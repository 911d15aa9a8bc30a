package winequality.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import winequality.learning.CrossValidation;
import winequality.learning.PathPoint;

/** A cross-validated path as plots, all over −log₁₀ λ: λ falls to the right. */
public final class CrossValidationPlots {

  // the legend takes the right quarter
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 700;

  /** As many of the largest coefficients have their name in the legend. */
  private static final int MOST_NAMES = 15;

  private static final int MARKER_SIZE = 12;

  /**
   * Error of each mixture, that of the winner's with error bars of one standard error, and both
   * points that the rules choose.
   */
  public Plot curve(CrossValidation path) {
    PathPoint winner = path.winner();
    return new Plot(
        "cv_curve",
        "Cross-validated RMSE",
        "Cross-validated RMSE over falling lambda, a line for each alpha. The winner has alpha %s, lambda %s and RMSE %s."
            .formatted(
                winner.penalty().elasticNetParam(),
                Figures.number(winner.penalty().regParam()),
                Figures.number(winner.rmse().mean())),
        "",
        theme -> curve(path, theme));
  }

  private static XYChart curve(CrossValidation path, Theme theme) {
    LambdaAxis axis = LambdaAxis.of(path);
    XYChart chart = chart(theme, "Cross-validated RMSE", axis.title(path), "RMSE");
    chart.getStyler().setErrorBarsColorSeriesColor(true);
    chart.getStyler().setMarkerSize(MARKER_SIZE);
    byAlpha(path)
        .forEach(
            (alpha, points) -> {
              double[] errors = points.stream().mapToDouble(point -> point.rmse().mean()).toArray();
              XYSeries series =
                  // bars of several mixtures would hide each other
                  alpha == path.winner().penalty().elasticNetParam()
                      ? chart.addSeries(
                          "alpha " + alpha, axis.x(points), errors, standardErrors(points))
                      : chart.addSeries("alpha " + alpha, axis.x(points), errors);
              series.setMarker(SeriesMarkers.NONE);
            });
    // a diamond on a square: both are seen where they are one point
    mark(chart, axis, "one standard error", path.oneStandardError(), theme.text())
        .setMarker(SeriesMarkers.SQUARE);
    mark(chart, axis, "minimum", path.minimum(), Color.RED).setMarker(SeriesMarkers.DIAMOND);
    return chart;
  }

  /**
   * Coefficients of the winner's mixture, in label units per standard deviation of their column, so
   * that their sizes can be compared.
   */
  public Plot coefficients(CrossValidation path) {
    return new Plot(
        "coefficient_path",
        "Coefficients along the path",
        "Coefficients per standard deviation of their column over falling lambda, a line for each of "
            + path.features().size()
            + " columns, for the winner's alpha.",
        "",
        theme -> coefficients(path, theme));
  }

  private static XYChart coefficients(CrossValidation path, Theme theme) {
    double alpha = path.winner().penalty().elasticNetParam();
    LambdaAxis axis = LambdaAxis.of(path);
    XYChart chart =
        chart(
            theme,
            "Coefficients for alpha " + alpha,
            axis.title(path),
            "coefficient per standard deviation");
    List<PathPoint> points = byAlpha(path).getOrDefault(alpha, List.of());
    List<Integer> bySize =
        IntStream.range(0, path.features().size())
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                    feature -> -Math.abs(scaled(path, path.winner(), feature))))
            .toList();
    for (int feature : bySize) {
      XYSeries series =
          chart.addSeries(
              path.features().get(feature),
              axis.x(points),
              points.stream().mapToDouble(point -> scaled(path, point, feature)).toArray());
      series.setMarker(points.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
      series.setShowInLegend(bySize.indexOf(feature) < MOST_NAMES);
    }
    return chart;
  }

  private static double scaled(CrossValidation path, PathPoint point, int feature) {
    return point.solution().coefficient(feature) * path.deviation(feature);
  }

  private static Map<Double, List<PathPoint>> byAlpha(CrossValidation path) {
    Map<Double, List<PathPoint>> byAlpha = new LinkedHashMap<>();
    for (PathPoint point : path.points()) {
      byAlpha
          .computeIfAbsent(point.penalty().elasticNetParam(), alpha -> new ArrayList<>())
          .add(point);
    }
    return byAlpha;
  }

  private static double[] standardErrors(List<PathPoint> points) {
    return points.stream().mapToDouble(point -> point.rmse().standardError()).toArray();
  }

  /**
   * Minus the logarithm of λ: the least penalised, largest models stand on the right. A λ of 0,
   * which has no logarithm, stands one power of ten to the right of the smallest other one.
   *
   * @param zero where 0 is drawn
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
      return points.stream().mapToDouble(this::x).toArray();
    }

    String title(CrossValidation path) {
      return path.points().stream().anyMatch(point -> point.penalty().regParam() == 0.0)
          ? "-log10(lambda); lambda = 0 at " + Figures.number(zero)
          : "-log10(lambda)";
    }
  }

  /** The page has the rule's alpha and lambda beside the plot; a legend has no room for them. */
  private static XYSeries mark(
      XYChart chart, LambdaAxis axis, String rule, PathPoint point, Color colour) {
    XYSeries series =
        chart.addSeries(rule, new double[] {axis.x(point)}, new double[] {point.rmse().mean()});
    series.setMarkerColor(colour);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    return series;
  }

  private static XYChart chart(Theme theme, String title, String xAxis, String yAxis) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xAxis)
            .yAxisTitle(yAxis)
            .build();
    theme.apply(chart.getStyler());
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisTickMarkSpacingHint(150);
    chart.getStyler().setDecimalPattern("0.###");
    return chart;
  }
}
