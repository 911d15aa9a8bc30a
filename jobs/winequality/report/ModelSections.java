package winequality.report;

import static java.util.Comparator.comparingDouble;
import static winequality.report.Figures.bounds;
import static winequality.report.Figures.confidence;
import static winequality.report.Figures.count;
import static winequality.report.Figures.number;
import static winequality.report.Figures.p;
import static winequality.report.Html.attributes;
import static winequality.report.Html.css;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import elasticnet.CrossValidation;
import elasticnet.PathPoint;
import elasticnet.Significance;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import winequality.metrics.ErrorProfile;
import winequality.metrics.Interval;
import winequality.metrics.LabelErrors;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;
import winequality.record.CoefficientTable;
import winequality.record.TrainingRecord;

/** The sections of the page about the model: metrics, errors, coefficients, penalty. */
final class ModelSections {

  private final TrainingRecord results;
  private final String label;

  ModelSections(TrainingRecord results) {
    this.results = results;
    this.label = results.dataset().label();
  }

  Html figures() {
    RegressionEvaluation test = results.evaluation().test();
    RegressionEvaluation train = results.evaluation().train();
    RegressionIntervals intervals = results.intervals();
    String unit = results.labelUnit();
    double testR2 = test.r2().orElse(Double.NaN);
    Html r2 = intervals.r2().map(by -> within(testR2, by)).orElse(text(Figures.MISSING));
    String level = confidence(intervals.confidence());
    double testGain = test.rmse() - test.baselineRmse();
    double trainGain = train.rmse() - train.baselineRmse();
    String testMean = number(test.baselineRmse());
    String trainMean = number(train.baselineRmse());
    String trainR2 = number(train.r2Correlation());
    List<List<Html>> rows =
        List.of(
            within("RMSE", test.rmse(), intervals.rmse(), train.rmse()),
            Tables.row("RMSE of the mean", testMean, trainMean),
            within("difference", testGain, intervals.baselineDifference(), trainGain),
            within("MAE", test.mae(), intervals.mae(), train.mae()),
            List.of(text("R²"), r2, text(number(train.r2()))),
            Tables.row("squared correlation", number(test.r2Correlation()), trainR2),
            Tables.row("rows", count(test.rows()), count(train.rows())));
    return ReportPage.section(
        "figures",
        "Figures",
        Tables.of(
            "Errors on both sides of the split" + (unit.isEmpty() ? "" : ", in " + unit),
            List.of("figure", "test (" + level + " interval)", "train"),
            rows),
        ReportPage.below(
            "Intervals: bootstrap (BCa) over %s groups of test rows. Rows with equal features are in one group. The intervals are for this model, not for another fit. The mean is that of the train rows, %s."
                .formatted(
                    count(intervals.groups()), number(results.evaluation().trainLabelMean()))));
  }

  private static List<Html> within(String name, double test, Interval interval, double train) {
    return List.of(text(name), within(test, interval), text(number(train)));
  }

  private static Html within(double figure, Interval interval) {
    return Tables.above(number(figure), bounds(interval));
  }

  Html errorByLabel(ErrorProfile errors) {
    List<List<Html>> rows = new ArrayList<>();
    for (LabelErrors bin : errors.byLabel()) {
      String name = TrainingPlots.name(bin);
      String rmse = number(bin.rmse());
      rows.add(Tables.row(name, count(bin.rows()), rmse, number(bin.mae()), number(bin.bias())));
    }
    String caption =
        "Errors on the test rows of each " + label + "; the bias is the mean of actual − predicted";
    Html table = Tables.of(caption, List.of(label, "rows", "RMSE", "MAE", "bias"), rows);
    return ReportPage.section("error-by-label", "Error by " + label, table);
  }

  Html coefficients() {
    CoefficientTable table = results.coefficientTable();
    boolean tested = table.untested().isEmpty();
    List<String> columns =
        List.of("column", "coefficient", "standardised", "standard error", "t", "p")
            .subList(0, tested ? 6 : 3);
    // the intercept, then the features from the largest standardised coefficient to the smallest
    List<CoefficientTable.Line> lines = new ArrayList<>(table.lines());
    List<CoefficientTable.Line> features = lines.subList(1, lines.size());
    features.sort(comparingDouble(line -> -Math.abs(line.standardized().orElse(0.0))));
    double largest =
        features.isEmpty() ? 0.0 : Math.abs(features.get(0).standardized().orElse(0.0));
    List<List<Html>> rows = new ArrayList<>();
    for (CoefficientTable.Line line : lines) {
      List<Html> cells = new ArrayList<>();
      cells.add(Tables.columnName(line.name(), line.unit()));
      cells.add(text(number(line.coefficient())));
      cells.add(
          Html.of(
              text(number(line.standardized())), bar(line.standardized().orElse(0.0), largest)));
      if (tested) {
        cells.addAll(line.test().map(ModelSections::tests).orElse(Tables.row("", "", "")));
      }
      rows.add(cells);
    }
    String errors =
        tested
            ? "Standard errors, t and p are those of least squares. They assume independent rows, so duplicates make them too small."
            : "No standard errors: " + table.untested().get() + ".";
    return ReportPage.section(
        "coefficients",
        "Coefficients",
        Tables.of("Change of %s for one unit of each column".formatted(label), columns, rows),
        ReportPage.below(
            "Standardised: standard deviations of %s per standard deviation of the column, over the train rows. %s"
                .formatted(label, errors)));
  }

  private static List<Html> tests(Significance test) {
    String t = String.format(Locale.ROOT, "%.2f", test.t()).replace('-', '−');
    return Tables.row(number(test.standardError()), t, p(test.p()));
  }

  /** A bar from the middle to the left or to the right. */
  private static Html bar(double value, double largest) {
    double half = 50;
    double size = largest > 0.0 ? Math.abs(value) / largest * half : 0.0;
    Map<String, String> svg = css("bar");
    svg.put("viewBox", "0 0 100 10");
    svg.put("preserveAspectRatio", "none");
    svg.put("aria-hidden", "true");
    Map<String, String> bar = css(value < 0 ? "negative" : "positive");
    bar.put("x", DataSections.coordinate(value < 0 ? half - size : half));
    bar.put("y", "1");
    bar.put("width", DataSections.coordinate(size));
    bar.put("height", "8");
    return element(
        "svg",
        svg,
        element("rect", bar),
        element("line", attributes("x1", "50", "x2", "50", "y1", "0", "y2", "10")));
  }

  static Html tuning(CrossValidation path) {
    int repetitions = path.repetitions().size();
    return Tables.of(
        "Cross-validation of %s penalties in %d folds%s"
            .formatted(
                count(path.points().size()),
                path.repetitions().get(0).k(),
                repetitions > 1 ? ", " + repetitions + " repetitions" : ""),
        List.of("point", "alpha", "lambda", "RMSE", "standard error", "columns left"),
        List.of(
            point("winner", path.winner()),
            point("smallest error", path.minimum()),
            point("one standard error", path.oneStandardError())));
  }

  private static List<Html> point(String name, PathPoint point) {
    return Tables.row(
        name,
        number(point.penalty().elasticNetParam()),
        number(point.penalty().regParam()),
        number(point.rmse().mean()),
        number(point.rmse().standardError()),
        String.valueOf(point.solution().nonZero()));
  }
}
