package winequality.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The two kinds of charts that the plots use, in the colours of a theme. */
final class Charts {

  private Charts() {}

  static XYChart xy(Theme theme, int width, int height, String xAxis, String yAxis) {
    XYChart chart = new XYChart(width, height);
    chart.setXAxisTitle(xAxis);
    chart.setYAxisTitle(yAxis);
    theme.apply(chart.getStyler());
    return chart;
  }

  /** One value for each name; the title is for the legend. */
  record Values(String title, List<Double> values) {
    static <T> Values of(String title, List<T> items, ToDoubleFunction<T> value) {
      return new Values(title, items.stream().mapToDouble(value).boxed().toList());
    }
  }

  /** A bar and a diamond for each name; the style decides whether a line connects the diamonds. */
  static CategoryChart bars(
      Theme theme,
      String xAxis,
      String yAxis,
      List<String> names,
      Values bars,
      Values diamonds,
      CategorySeriesRenderStyle style) {
    CategoryChart chart = new CategoryChart(Plot.WIDTH, Plot.HEIGHT);
    chart.setXAxisTitle(xAxis);
    chart.setYAxisTitle(yAxis);
    CategoryStyler styler = chart.getStyler();
    theme.apply(styler);
    styler.setAvailableSpaceFill(0.7);
    styler.setLegendPosition(Styler.LegendPosition.InsideN);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setOverlapped(true);
    styler.setMarkerSize(14);
    chart.addSeries(bars.title(), names, bars.values()).setFillColor(theme.series(0));
    CategorySeries marks = chart.addSeries(diamonds.title(), names, diamonds.values());
    marks.setChartCategorySeriesRenderStyle(style);
    marks.setLineColor(theme.series(1));
    marks.setMarker(SeriesMarkers.DIAMOND);
    marks.setMarkerColor(theme.series(1));
    return chart;
  }
}
