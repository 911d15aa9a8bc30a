package winequality.report;

import static winequality.report.Figures.bounds;
import static winequality.report.Figures.confidence;
import static winequality.report.Figures.count;
import static winequality.report.Figures.number;
import static winequality.report.Figures.percent;
import static winequality.report.Html.attributes;
import static winequality.report.Html.css;
import static winequality.report.Html.each;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import elasticnet.CrossValidation;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import winequality.gate.GateCheck;
import winequality.gate.GateDecision;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;
import winequality.record.TrainingRecord;

/**
 * A training as one self-contained page of HTML. Styles and images are in the page, it has no
 * script, and it fetches nothing. It therefore opens from a file, from an artifact store and in
 * MLflow's viewer, which shows it in a sandboxed frame. It follows the reader's light or dark mode.
 */
public final class ReportPage {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  private static final String END_OF_HEADER = "</header>";

  private final TrainingReport report;
  private final TrainingRecord results;
  private final List<Plot> plots;

  public ReportPage(TrainingReport report) {
    this.report = report;
    this.results = report.results();
    this.plots =
        new TrainingPlots(results.dataset().label())
            .of(results.intervals().sample(), report.errors());
  }

  /** The plots of the page, which are stored as files too. */
  public List<Plot> plots() {
    return plots;
  }

  /** The page as text, before the gate's decision. */
  public String html() {
    String title =
        "Elastic net for " + results.dataset().label() + " of " + results.dataset().name();
    DataSections data = new DataSections(report);
    ModelSections model = new ModelSections(results);
    Html main =
        element(
            "main",
            header(title),
            remarks(),
            model.figures(),
            section("predictions", "Predictions on the test side", plotGrid(plots)),
            model.errorByLabel(report.errors()),
            model.coefficients(),
            report.tuning().map(ReportPage::tuning).orElse(Html.nothing()),
            data.rows(),
            data.profile(),
            section(
                "provenance",
                "Provenance",
                Tables.facts("Where the run comes from", report.provenance()),
                below("Made " + TIME.format(report.created()) + ".")));
    Html head =
        element(
            "head",
            element("meta", attributes("charset", "utf-8")),
            meta("viewport", "width=device-width, initial-scale=1"),
            meta("color-scheme", "light dark"),
            element("title", title),
            Html.style(ReportStyle.CSS));
    return element("html", attributes("lang", "en"), head, element("body", main)).page();
  }

  /** The page with the gate's decision below its header. */
  public static String decided(String page, GateDecision decision) {
    int end = page.indexOf(END_OF_HEADER) + END_OF_HEADER.length();
    return page.substring(0, end) + decision(decision) + page.substring(end);
  }

  private static Html tuning(CrossValidation path) {
    CrossValidationPlots plots = new CrossValidationPlots();
    Html grid = plotGrid(List.of(plots.curve(path), plots.coefficients(path)));
    return section("tuning", "Choice of the penalty", ModelSections.tuning(path), grid);
  }

  private static Html meta(String name, String content) {
    return element("meta", attributes("name", name, "content", content));
  }

  static Html section(String id, String title, Html... content) {
    return element(
        "section",
        attributes("id", id, "aria-labelledby", id + "-title"),
        element("h2", attributes("id", id + "-title"), text(title)),
        Html.of(content));
  }

  static Html below(String text) {
    return element("p", css("below"), text(text));
  }

  private Html header(String title) {
    RegressionEvaluation test = results.evaluation().test();
    RegressionIntervals intervals = results.intervals();
    String level = confidence(intervals.confidence());
    String lead =
        "On %s test rows that it was not fitted to, the model has an RMSE of %s; predicting the mean for every row has %s."
            .formatted(count(test.rows()), number(test.rmse()), number(test.baselineRmse()));
    String unit = results.labelUnit().isEmpty() ? "" : " Unit: " + results.labelUnit() + ".";
    String r2 = intervals.r2().map(ReportPage::interval).orElse("undefined: constant label");
    String gain = percent(1.0 - test.rmse() / test.baselineRmse());
    return element(
        "header",
        element("h1", title),
        element("p", css("lead"), text(lead + unit)),
        element(
            "div",
            css("cards"),
            card("RMSE (" + level + ")", number(test.rmse()), interval(intervals.rmse())),
            card("MAE (" + level + ")", number(test.mae()), interval(intervals.mae())),
            card("R² (" + level + ")", number(test.r2()), r2),
            card("Gain over the mean", gain, "of its RMSE")));
  }

  private static Html card(String name, String figure, String below) {
    return element(
        "div",
        css("card"),
        element("div", css("name"), text(name)),
        element("div", css("figure"), text(figure)),
        element("div", css("below"), text(below)));
  }

  private static String interval(Interval interval) {
    return interval.isBounded() ? bounds(interval) : "too few different rows for an interval";
  }

  private static Html decision(GateDecision decision) {
    List<List<Html>> rows = new ArrayList<>();
    for (GateCheck check : decision.grounds().checks()) {
      String passed = check.passed() ? "passed" : "failed";
      List<Html> cells =
          new ArrayList<>(
              Tables.row(check.name(), passed, number(check.value()), number(check.bound())));
      cells.add(element("span", css("words"), text(check.text())));
      rows.add(cells);
    }
    List<String> columns = List.of("check", "result", "found", "bound", "in words");
    Html table = Tables.of("What the gate checked", columns, rows);
    return section("gate", "Gate: " + decision.word(), element("p", decision.summary()), table);
  }

  private Html remarks() {
    List<String> remarks = Remarks.of(results);
    return remarks.isEmpty()
        ? Html.nothing()
        : element(
            "section",
            attributes("class", "notes", "aria-label", "Remarks"),
            element("ul", each(remarks, remark -> element("li", remark))));
  }

  private static Html plotGrid(List<Plot> plots) {
    return element("div", css("plots"), each(plots, ReportPage::figure));
  }

  private static Html figure(Plot plot) {
    Optional<byte[]> light = plot.png(Theme.LIGHT);
    Optional<byte[]> dark = plot.png(Theme.DARK);
    Html image = below("Not drawn; the log of the job says why. " + plot.alternative());
    if (light.isPresent() && dark.isPresent()) {
      Map<String, String> source =
          attributes("media", "(prefers-color-scheme: dark)", "srcset", data(dark.get()));
      Map<String, String> img = attributes("src", data(light.get()), "alt", plot.alternative());
      image = element("picture", element("source", source), element("img", img));
    }
    Html note = plot.note().isEmpty() ? Html.nothing() : below(plot.note());
    return element("figure", element("figcaption", plot.title()), image, note);
  }

  private static String data(byte[] png) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }
}
