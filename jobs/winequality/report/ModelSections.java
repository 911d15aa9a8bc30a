package winequality.report;

import static winequality.report.Html.attribute;
import static winequality.report.Html.css;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import elasticnet.CrossValidation;
import elasticnet.PathPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;

/** The parts of the page that tell of the model: figures, errors, coefficients, penalty. */
final class ModelSections {

  private final TrainingReport report;

  ModelSections(TrainingReport report) {
    this.report = report;
  }

  Html figures() {
    RegressionEvaluation test = report.evaluation().test();
    RegressionEvaluation train = report.evaluation().train();
    RegressionIntervals intervals = report.intervals();
    return ReportPage.section(
        "figures",
        "Figures",
        Tables.of(
            "Errors on both sides of the split"
                + (report.labelUnit().isEmpty() ? "" : ", in " + report.labelUnit()),
            List.of(
                "",
                "test (%s interval)".formatted(Figures.confidence(intervals.confidence())),
                "train"),
            List.of(
                line("RMSE", within(test.rmse(), intervals.rmse()), Figures.number(train.rmse())),
                line(
                    "RMSE of the mean",
                    text(Figures.number(test.baselineRmse())),
                    Figures.number(train.baselineRmse())),
                line(
                    "difference",
                    within(test.rmse() - test.baselineRmse(), intervals.baselineDifference()),
                    Figures.number(train.rmse() - train.baselineRmse())),
                line("MAE", within(test.mae(), intervals.mae()), Figures.number(train.mae())),
                line(
                    "R²",
                    intervals
                        .r2()
                        .map(interval -> within(test.r2().orElse(Double.NaN), interval))
                        .orElse(text(Figures.MISSING)),
                    Figures.number(train.r2())),
                line(
                    "squared correlation",
                    text(Figures.number(test.r2Correlation())),
                    Figures.number(train.r2Correlation())),
                line("rows", text(Figures.count(test.rows())), Figures.count(train.rows())))),
        element(
            "p",
            css("below"),
            text(
                "Intervals: bootstrap (BCa) over %s groups of the test side's rows, rows with equal features in one group, for this model as it stands. The mean is that of the train side, %s."
                    .formatted(
                        Figures.count(intervals.groups()),
                        Figures.number(report.evaluation().trainLabelMean())))));
  }

  private static List<Html> line(String name, Html test, String train) {
    return List.of(text(name), test, text(train));
  }

  private static Html within(double figure, Interval interval) {
    return Tables.above(Figures.number(figure), Figures.bounds(interval));
  }

  Html errorByLabel() {
    List<List<Html>> rows =
        report.errors().byLabel().stream()
            .map(
                bin ->
                    Tables.row(
                        TrainingPlots.name(bin),
                        Figures.count(bin.rows()),
                        Figures.number(bin.rmse()),
                        Figures.number(bin.mae()),
                        Figures.number(bin.bias())))
            .toList();
    return ReportPage.section(
        "error-by-label",
        "Error by " + report.dataset().label(),
        Tables.of(
            "Errors on the test rows of each %s; the bias is the mean of actual − predicted"
                .formatted(report.dataset().label()),
            List.of(report.dataset().label(), "rows", "RMSE", "MAE", "bias"),
            rows));
  }

  Html coefficients() {
    CoefficientTable table = report.coefficients();
    boolean tested = table.untested().isEmpty();
    List<String> columns = new ArrayList<>(List.of("column", "coefficient", "standardised"));
    if (tested) {
      columns.addAll(List.of("standard error", "t", "p"));
    }
    double largest =
        table.lines().stream()
            .mapToDouble(line -> Math.abs(line.standardized().orElse(0.0)))
            .max()
            .orElse(0.0);
    List<List<Html>> rows = new ArrayList<>();
    for (CoefficientTable.Line line : bySize(table)) {
      List<Html> cells =
          new ArrayList<>(
              List.of(
                  Tables.columnName(line.name(), line.unit()),
                  text(Figures.number(line.coefficient())),
                  Html.of(
                      text(Figures.number(line.standardized())),
                      bar(line.standardized().orElse(0.0), largest))));
      if (tested) {
        cells.addAll(
            line.test()
                .map(
                    test ->
                        Tables.row(
                            Figures.number(test.standardError()),
                            String.format(Locale.ROOT, "%.2f", test.t()).replace('-', '−'),
                            Figures.p(test.p())))
                .orElse(Tables.row("", "", "")));
      }
      rows.add(cells);
    }
    return ReportPage.section(
        "coefficients",
        "Coefficients",
        Tables.of(
            "Change of %s for one unit of each column".formatted(report.dataset().label()),
            columns,
            rows),
        element(
            "p",
            css("below"),
            text(
                "Standardised: standard deviations of %s per standard deviation of the column, over the train rows. "
                        .formatted(report.dataset().label())
                    + table
                        .untested()
                        .map(reason -> "No standard errors: " + reason + ".")
                        .orElse(
                            "Standard errors, t and p are those of least squares and take all rows for independent; duplicates make them too small."))));
  }

  /** The intercept, then the features from the largest standardised coefficient to the smallest. */
  private static List<CoefficientTable.Line> bySize(CoefficientTable table) {
    List<CoefficientTable.Line> lines = new ArrayList<>(table.lines());
    lines
        .subList(1, lines.size())
        .sort(Comparator.comparingDouble(line -> -Math.abs(line.standardized().orElse(0.0))));
    return lines;
  }

  /** A bar from the middle to the left or right; the figure stands beside it in the table. */
  private static Html bar(double value, double largest) {
    double width = 100;
    double half = width / 2;
    double size = largest > 0.0 ? Math.abs(value) / largest * half : 0.0;
    return element(
        "svg",
        List.of(
            css("bar"),
            attribute("viewBox", "0 0 100 10"),
            attribute("preserveAspectRatio", "none"),
            attribute("aria-hidden", "true")),
        element(
            "rect",
            List.of(
                css(value < 0 ? "negative" : "positive"),
                attribute("x", coordinate(value < 0 ? half - size : half)),
                attribute("y", "1"),
                attribute("width", coordinate(size)),
                attribute("height", "8"))),
        element(
            "line",
            List.of(
                attribute("x1", "50"),
                attribute("x2", "50"),
                attribute("y1", "0"),
                attribute("y2", "10"))));
  }

  static String coordinate(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  Html tuning(CrossValidation path) {
    return Tables.of(
        "Cross-validation of %s penalties in %d folds%s"
            .formatted(
                Figures.count(path.points().size()),
                path.repetitions().get(0).k(),
                path.repetitions().size() > 1
                    ? ", " + path.repetitions().size() + " repetitions"
                    : ""),
        List.of("", "alpha", "lambda", "RMSE", "standard error", "columns left"),
        List.of(
            point("winner", path.winner()),
            point("smallest error", path.minimum()),
            point("one standard error", path.oneStandardError())));
  }

  private static List<Html> point(String name, PathPoint point) {
    return Tables.row(
        name,
        Figures.number(point.penalty().elasticNetParam()),
        Figures.number(point.penalty().regParam()),
        Figures.number(point.rmse().mean()),
        Figures.number(point.rmse().standardError()),
        String.valueOf(point.solution().nonZero()));
  }

  /** Whether an interval lies wholly below 0. */
  static boolean below(Interval interval) {
    return interval.isBounded() && interval.high() < 0.0;
  }
}
