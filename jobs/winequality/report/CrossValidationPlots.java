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

/** A cross-validated path as plots, all over log₁₀ λ, with falling λ to the right. */
public final class CrossValidationPlots {

  // the legend takes the right quarter
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 700;

  /** As many of the largest coefficients have their name in the legend. */
  private static final int MOST_NAMES = 15;

  private static final int MARKER_SIZE = 12;

  /** At least this λ is drawn: 0 has no logarithm. */
  private static final double SMALLEST = 1e-300;

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
        theme -> curve(path, theme));
  }

  private static XYChart curve(CrossValidation path, Theme theme) {
    XYChart chart = chart(theme, "Cross-validated RMSE", "RMSE");
    chart.getStyler().setErrorBarsColorSeriesColor(true);
    chart.getStyler().setMarkerSize(MARKER_SIZE);
    byAlpha(path)
        .forEach(
            (alpha, points) -> {
              double[] errors = points.stream().mapToDouble(point -> point.rmse().mean()).toArray();
              XYSeries series =
                  // bars of several mixtures would hide each other
                  alpha == path.winner().penalty().elasticNetParam()
                      ? chart.addSeries("alpha " + alpha, x(points), errors, standardErrors(points))
                      : chart.addSeries("alpha " + alpha, x(points), errors);
              series.setMarker(SeriesMarkers.NONE);
            });
    // a diamond on a square: both are seen where they are one point
    mark(chart, "one standard error", path.oneStandardError(), theme.text())
        .setMarker(SeriesMarkers.SQUARE);
    mark(chart, "minimum", path.minimum(), Color.RED).setMarker(SeriesMarkers.DIAMOND);
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
        theme -> coefficients(path, theme));
  }

  private static XYChart coefficients(CrossValidation path, Theme theme) {
    double alpha = path.winner().penalty().elasticNetParam();
    XYChart chart =
        chart(theme, "Coefficients for alpha " + alpha, "coefficient per standard deviation");
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
              x(points),
              points.stream().mapToDouble(point -> scaled(path, point, feature)).toArray());
      series.setMarker(points.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
      series.setShowInLegend(bySize.indexOf(feature) < MOST_NAMES);
    }
    return chart;
  }

  private static double scaled(CrossValidation path, PathPoint point, int feature) {
    return point.solution().coefficient(feature) * path.featureDeviations().get(feature);
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

  private static double[] x(List<PathPoint> points) {
    return points.stream().mapToDouble(CrossValidationPlots::x).toArray();
  }

  /** Minus the logarithm: the least penalised, largest models stand on the right. */
  private static double x(PathPoint point) {
    return -Math.log10(Math.max(SMALLEST, point.penalty().regParam()));
  }

  /** The page has the rule's alpha and lambda beside the plot; a legend has no room for them. */
  private static XYSeries mark(XYChart chart, String rule, PathPoint point, Color colour) {
    XYSeries series =
        chart.addSeries(rule, new double[] {x(point)}, new double[] {point.rmse().mean()});
    series.setMarkerColor(colour);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    return series;
  }

  private static XYChart chart(Theme theme, String title, String yAxis) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("-log10(lambda)")
            .yAxisTitle(yAxis)
            .build();
    theme.apply(chart.getStyler());
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisTickMarkSpacingHint(150);
    chart.getStyler().setDecimalPattern("0.###");
    return chart;
  }
}
