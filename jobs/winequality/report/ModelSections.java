package winequality.report;

import static winequality.report.Html.attribute;
import static winequality.report.Html.css;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import winequality.learning.CrossValidation;
import winequality.learning.PathPoint;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.Interval;
import winequality.metrics.RegressionIntervals;

/** The parts of the page that tell of the model: figures, errors, coefficients, penalty. */
final class ModelSections {

  private final TrainingReport report;

  ModelSections(TrainingReport report) {
    this.report = report;
  }

  Html figures() {
    HoldoutEvaluation evaluation = report.evaluation();
    RegressionIntervals intervals = report.intervals();
    String interval = "%.0f %% interval".formatted(100 * intervals.confidence());
    return ReportPage.section(
        "figures",
        "Figures",
        Tables.of(
            "Errors on both sides of the split"
                + (report.labelUnit().isEmpty() ? "" : ", in " + report.labelUnit()),
            List.of("", "test", interval, "train"),
            List.of(
                line(
                    "RMSE",
                    evaluation.test().rmse(),
                    Figures.bounds(intervals.rmse()),
                    evaluation.train().rmse()),
                line(
                    "RMSE of the mean",
                    evaluation.test().baselineRmse(),
                    "",
                    evaluation.train().baselineRmse()),
                List.of(
                    text("difference"),
                    text(Figures.number(intervals.baselineDifference().estimate())),
                    text(Figures.bounds(intervals.baselineDifference())),
                    text(
                        Figures.number(
                            evaluation.train().rmse() - evaluation.train().baselineRmse()))),
                line(
                    "MAE",
                    evaluation.test().mae(),
                    Figures.bounds(intervals.mae()),
                    evaluation.train().mae()),
                List.of(
                    text("R²"),
                    text(Figures.number(evaluation.test().r2())),
                    text(intervals.r2().map(Figures::bounds).orElse(Figures.MISSING)),
                    text(Figures.number(evaluation.train().r2()))),
                List.of(
                    text("squared correlation"),
                    text(Figures.number(evaluation.test().r2Correlation())),
                    text(""),
                    text(Figures.number(evaluation.train().r2Correlation()))),
                List.of(
                    text("rows"),
                    text(Figures.count(evaluation.test().rows())),
                    text(""),
                    text(Figures.count(evaluation.train().rows()))))),
        element(
            "p",
            css("below"),
            text(
                "Intervals: bootstrap (BCa) over %s distinct feature rows of the test side, twins together, for this model as it stands. The mean is that of the train side, %s."
                    .formatted(
                        Figures.count(intervals.groups()),
                        Figures.number(evaluation.trainLabelMean())))));
  }

  private static List<Html> line(String name, double test, String interval, double train) {
    return List.of(
        text(name), text(Figures.number(test)), text(interval), text(Figures.number(train)));
  }

  Html errorByLabel() {
    List<List<Html>> rows =
        report.errors().byLabel().stream()
            .map(
                bin ->
                    Stream.of(
                            TrainingPlots.name(bin),
                            Figures.count(bin.rows()),
                            Figures.number(bin.rmse()),
                            Figures.number(bin.mae()),
                            Figures.number(bin.bias()))
                        .map(Html::text)
                        .toList())
            .toList();
    return ReportPage.section(
        "error-by-label",
        "Error by " + report.dataset().label(),
        Tables.of(
            "Errors on the test rows of each " + report.dataset().label(),
            List.of(report.dataset().label(), "rows", "RMSE", "MAE", "mean of actual − predicted"),
            rows));
  }

  Html coefficients() {
    CoefficientTable table = report.coefficients();
    boolean tested = table.untested().isEmpty();
    List<String> columns =
        new ArrayList<>(List.of("column", "coefficient", "standardised", "size"));
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
                  text(Figures.number(line.standardized())),
                  bar(line.standardized().orElse(0.0), largest)));
      if (tested) {
        line.test()
            .ifPresentOrElse(
                test ->
                    cells.addAll(
                        List.of(
                            text(Figures.number(test.standardError())),
                            text(String.format(Locale.ROOT, "%.2f", test.t()).replace('-', '−')),
                            text(Figures.p(test.p())))),
                () -> cells.addAll(List.of(text(""), text(""), text(""))));
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
                            "Standard errors, t and p are those of least squares and take all rows for independent; twins make them too small."))));
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
    return Stream.of(
            name,
            Figures.number(point.penalty().elasticNetParam()),
            Figures.number(point.penalty().regParam()),
            Figures.number(point.rmse().mean()),
            Figures.number(point.rmse().standardError()),
            String.valueOf(point.solution().nonZero()))
        .map(Html::text)
        .toList();
  }

  /** Whether an interval lies wholly below 0. */
  static boolean below(Interval interval) {
    return interval.isBounded() && interval.high() < 0.0;
  }
}
