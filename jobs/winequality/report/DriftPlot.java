package winequality.report;

import static winequality.report.Figures.count;

import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import winequality.metrics.ColumnDrift;
import winequality.metrics.Drift;

/** The drift of new rows from the champion's table, a bar for each column. */
public final class DriftPlot {

  private DriftPlot() {}

  public static Plot of(Drift drift) {
    List<ColumnDrift> columns = drift.columns();
    String indices = String.join(", ", columns.stream().map(ColumnDrift::text).toList());
    return new Plot(
        "drift",
        "Drift of the new rows",
        "Bars: population stability index of %s new rows by column. %s."
            .formatted(count(drift.rows()), indices),
        "",
        theme -> {
          CategoryChart chart =
              Charts.bars(
                  theme,
                  "",
                  "population stability index",
                  columns.stream().map(ColumnDrift::column).toList(),
                  Charts.Values.of("PSI", columns, ColumnDrift::psi),
                  Charts.Values.of("may be chance (99 %)", columns, ColumnDrift::byChance),
                  CategorySeriesRenderStyle.Scatter);
          chart.getStyler().setXAxisLabelRotation(60);
          chart.getStyler().setYAxisMin(0.0);
          return chart;
        });
  }
}
