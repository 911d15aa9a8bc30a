package winequality.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import winequality.metrics.ColumnDrift;
import winequality.metrics.Drift;

/** How far new rows lie from a champion's table, a bar for each column. */
public final class DriftPlot {

  private DriftPlot() {}

  /** The plot of a drift that has columns. */
  public static Plot of(Drift drift) {
    List<ColumnDrift> columns = drift.columns();
    return new Plot(
        "drift",
        "Drift of the new rows",
        "Bars: population stability index of %s new rows by column. %s."
            .formatted(
                Figures.count(drift.rows()),
                columns.stream()
                    .map(
                        column ->
                            String.format(Locale.ROOT, "%s %.3f", column.column(), column.psi()))
                    .collect(Collectors.joining(", "))),
        "",
        theme -> {
          CategoryChart chart =
              new CategoryChartBuilder()
                  .width(Plot.WIDTH)
                  .height(Plot.HEIGHT)
                  .yAxisTitle("population stability index")
                  .build();
          theme.apply(chart.getStyler());
          chart.getStyler().setAvailableSpaceFill(0.7);
          chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideN);
          chart.getStyler().setLegendLayout(Styler.LegendLayout.Horizontal);
          chart.getStyler().setOverlapped(true);
          chart.getStyler().setMarkerSize(14);
          chart.getStyler().setXAxisLabelRotation(60);
          chart.getStyler().setYAxisMin(0.0);
          CategorySeries series =
              chart.addSeries(
                  "PSI",
                  columns.stream().map(ColumnDrift::column).toList(),
                  columns.stream().map(ColumnDrift::psi).toList());
          series.setFillColor(theme.series(0));
          CategorySeries chance =
              chart.addSeries(
                  "may be chance (99 %)",
                  columns.stream().map(ColumnDrift::column).toList(),
                  columns.stream().map(ColumnDrift::byChance).toList());
          chance.setChartCategorySeriesRenderStyle(
              CategorySeries.CategorySeriesRenderStyle.Scatter);
          chance.setMarker(SeriesMarkers.DIAMOND);
          chance.setMarkerColor(theme.series(1));
          return chart;
        });
  }
}
