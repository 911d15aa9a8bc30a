package winequality.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import winequality.data.Histogram;
import winequality.metrics.ErrorProfile;
import winequality.metrics.LabelErrors;
import winequality.metrics.LabelledPrediction;

/** What a model does on the test side, as plots; their data are bounded whatever the table. */
public final class TrainingPlots {

  private static final int MARKER = 9;
  private static final int MARKER_OPACITY = 110;

  /** Share of the distance between two grades by which points are moved apart. */
  private static final double JITTER = 0.3;

  /** With more bins their names stand aslant. */
  private static final int MOST_LEVEL_NAMES = 8;

  private final String label;

  /** Plots for one label, whose name goes to the axes. */
  public TrainingPlots(String label) {
    this.label = label;
  }

  /** The plots of one evaluation, in the order in which a page shows them. */
  public List<Plot> of(List<LabelledPrediction> sample, ErrorProfile errors) {
    long rows = errors.byLabel().stream().mapToLong(LabelErrors::rows).sum();
    String drawn = drawn(sample.size(), rows);
    return List.of(
        predictedAgainstActual(sample, errors, drawn),
        residuals(errors.residuals()),
        residualsAgainstPrediction(sample, drawn),
        errorByLabel(errors.byLabel()));
  }

  /** Which rows the points are, where they are not all. */
  private static String drawn(int points, long rows) {
    return points < rows
        ? "%s of %s test rows, drawn by chance among those with different features."
            .formatted(Figures.count(points), Figures.count(rows))
        : "";
  }

  private Plot predictedAgainstActual(
      List<LabelledPrediction> sample, ErrorProfile errors, String drawn) {
    double jitter = jitter(errors.byLabel());
    String moved =
        jitter > 0.0
            ? "Points are moved sideways by up to %s, so that equal grades do not hide each other."
                .formatted(Figures.number(jitter / 2.0))
            : "";
    return new Plot(
        "predicted_vs_actual",
        "Predicted against actual",
        "Scatter of %s test rows: predicted %s over actual %s, with the line of perfect predictions. Actual values run from %s to %s, predictions from %s to %s."
            .formatted(
                Figures.count(sample.size()),
                label,
                label,
                least(sample.stream().mapToDouble(LabelledPrediction::label)),
                most(sample.stream().mapToDouble(LabelledPrediction::label)),
                least(sample.stream().mapToDouble(LabelledPrediction::prediction)),
                most(sample.stream().mapToDouble(LabelledPrediction::prediction))),
        (drawn + " " + moved).strip(),
        theme -> {
          XYChart chart = xy(theme, "actual " + label, "predicted " + label);
          SplittableRandom random = new SplittableRandom(0);
          points(
              chart,
              theme,
              sample.stream()
                  .mapToDouble(row -> row.label() + jitter * (random.nextDouble() - 0.5))
                  .toArray(),
              sample.stream().mapToDouble(LabelledPrediction::prediction).toArray());
          double[] ends = sample.stream().mapToDouble(LabelledPrediction::label).sorted().toArray();
          line(
              chart,
              theme,
              new double[] {ends[0], ends[ends.length - 1]},
              new double[] {ends[0], ends[ends.length - 1]});
          return chart;
        });
  }

  private Plot residualsAgainstPrediction(List<LabelledPrediction> sample, String drawn) {
    return new Plot(
        "residuals_vs_predicted",
        "Residuals against prediction",
        "Scatter of %s test rows: actual less predicted %s over the prediction, with the line at 0. Residuals run from %s to %s."
            .formatted(
                Figures.count(sample.size()),
                label,
                least(sample.stream().mapToDouble(LabelledPrediction::residual)),
                most(sample.stream().mapToDouble(LabelledPrediction::residual))),
        drawn,
        theme -> {
          XYChart chart = xy(theme, "predicted " + label, "actual − predicted");
          double[] predictions =
              sample.stream().mapToDouble(LabelledPrediction::prediction).toArray();
          points(
              chart,
              theme,
              predictions,
              sample.stream().mapToDouble(LabelledPrediction::residual).toArray());
          line(
              chart,
              theme,
              new double[] {
                DoubleStream.of(predictions).min().orElse(0),
                DoubleStream.of(predictions).max().orElse(1)
              },
              new double[] {0.0, 0.0});
          return chart;
        });
  }

  private Plot residuals(Histogram residuals) {
    int first = 0;
    int last = residuals.counts().size() - 1;
    while (first < last && residuals.counts().get(first) == 0) {
      first++;
    }
    while (last > first && residuals.counts().get(last) == 0) {
      last--;
    }
    double from = residuals.edges().get(first);
    double to = residuals.edges().get(last + 1);
    List<Double> x = new ArrayList<>();
    List<Long> y = new ArrayList<>();
    for (int bin = first; bin <= last; bin++) {
      x.add(residuals.edges().get(bin));
      y.add(residuals.counts().get(bin));
    }
    x.add(to);
    y.add(0L);
    boolean open = first == 0 || last == residuals.counts().size() - 1;
    String outermost =
        open
            ? "Rows beyond %s and %s are counted in the outermost bins."
                .formatted(
                    Figures.number(residuals.edges().get(0)),
                    Figures.number(residuals.edges().get(residuals.edges().size() - 1)))
            : "";
    return new Plot(
        "residuals",
        "Residuals",
        "Histogram of actual less predicted %s over all test rows, from %s to %s in bins of %s."
            .formatted(
                label,
                Figures.number(from),
                Figures.number(to),
                Figures.number(residuals.edges().get(1) - residuals.edges().get(0))),
        outermost,
        theme -> {
          XYChart chart = xy(theme, "actual − predicted " + label, "test rows");
          XYSeries series = chart.addSeries("rows", x, y);
          series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.StepArea);
          series.setMarker(SeriesMarkers.NONE);
          series.setFillColor(Theme.faint(theme.series(0), 150));
          series.setLineColor(theme.series(0));
          return chart;
        });
  }

  private Plot errorByLabel(List<LabelErrors> bins) {
    List<String> names = bins.stream().map(TrainingPlots::name).toList();
    return new Plot(
        "error_by_label",
        "Error by " + label,
        "Bars: RMSE on the test rows of each %s. %s."
            .formatted(
                label,
                String.join(
                    ", ",
                    bins.stream()
                        .map(bin -> name(bin) + ": " + Figures.number(bin.rmse()))
                        .toList())),
        "",
        theme -> {
          CategoryChart chart =
              new CategoryChartBuilder()
                  .width(Plot.WIDTH)
                  .height(Plot.HEIGHT)
                  .xAxisTitle("actual " + label)
                  .yAxisTitle("error")
                  .build();
          theme.apply(chart.getStyler());
          chart.getStyler().setAvailableSpaceFill(0.7);
          chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideN);
          chart.getStyler().setLegendLayout(Styler.LegendLayout.Horizontal);
          chart.getStyler().setOverlapped(true);
          chart.getStyler().setMarkerSize(14);
          if (names.size() > MOST_LEVEL_NAMES) {
            chart.getStyler().setXAxisLabelRotation(60);
          }
          CategorySeries rmse =
              chart.addSeries("RMSE", names, bins.stream().map(LabelErrors::rmse).toList());
          rmse.setFillColor(theme.series(0));
          CategorySeries bias =
              chart.addSeries(
                  "mean of actual − predicted",
                  names,
                  bins.stream().map(LabelErrors::bias).toList());
          bias.setChartCategorySeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
          bias.setLineColor(theme.series(1));
          bias.setMarker(SeriesMarkers.DIAMOND);
          bias.setMarkerColor(theme.series(1));
          return chart;
        });
  }

  /** The grade, or the range of a bin that has several labels. */
  static String name(LabelErrors bin) {
    return bin.least() == bin.most()
        ? Figures.number(bin.least())
        : Figures.number(bin.least()) + " to " + Figures.number(bin.most());
  }

  /** Grades lie on top of each other unless they are moved a little; other labels stay. */
  private static double jitter(List<LabelErrors> bins) {
    OptionalDouble gap = OptionalDouble.empty();
    for (int i = 0; i < bins.size(); i++) {
      if (bins.get(i).least() != bins.get(i).most()) {
        return 0.0;
      }
      if (i > 0) {
        double step = bins.get(i).least() - bins.get(i - 1).least();
        gap = OptionalDouble.of(Math.min(step, gap.orElse(step)));
      }
    }
    return JITTER * gap.orElse(0.0);
  }

  private static XYChart xy(Theme theme, String xAxis, String yAxis) {
    XYChart chart =
        new XYChartBuilder()
            .width(Plot.WIDTH)
            .height(Plot.HEIGHT)
            .xAxisTitle(xAxis)
            .yAxisTitle(yAxis)
            .build();
    theme.apply(chart.getStyler());
    chart.getStyler().setXAxisMaxLabelCount(12);
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setMarkerSize(MARKER);
    return chart;
  }

  private static void points(XYChart chart, Theme theme, double[] x, double[] y) {
    XYSeries series = chart.addSeries("rows", x, y);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setMarkerColor(Theme.faint(theme.series(0), MARKER_OPACITY));
  }

  private static void line(XYChart chart, Theme theme, double[] x, double[] y) {
    XYSeries series = chart.addSeries("line", x, y);
    series.setMarker(SeriesMarkers.NONE);
    Color colour = theme.series(1);
    series.setLineColor(colour);
    series.setLineStyle(
        new BasicStroke(
            3f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, new float[] {12f, 8f}, 0f));
  }

  private static String least(DoubleStream values) {
    return Figures.number(values.min());
  }

  private static String most(DoubleStream values) {
    return Figures.number(values.max());
  }
}
