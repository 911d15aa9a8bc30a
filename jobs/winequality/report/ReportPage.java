package winequality.report;

import static winequality.report.Html.attribute;
import static winequality.report.Html.css;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import winequality.gate.GateDecision;
import winequality.metrics.Interval;
import winequality.metrics.RegressionEvaluation;

/**
 * A training as one page of HTML that needs nothing else: styles and images are in it, there is no
 * script and nothing is fetched, so that it opens from a file, from an artifact store and in
 * MLflow's viewer, which shows it in a sandboxed frame. Light or dark as the reader's system is.
 */
public final class ReportPage {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  private final TrainingReport report;

  public ReportPage(TrainingReport report) {
    this.report = report;
  }

  /** The plots of the page, which are stored as files too. */
  public List<Plot> plots() {
    return new TrainingPlots(report.dataset().label())
        .of(report.intervals().sample(), report.errors());
  }

  /** The page. */
  public String html() {
    String title = "Elastic net for " + report.dataset().label() + " of " + report.dataset().name();
    DataSections data = new DataSections(report);
    ModelSections model = new ModelSections(report);
    List<Html> main = new ArrayList<>();
    main.add(header(title));
    report.decision().ifPresent(decision -> main.add(decision(decision)));
    main.add(notes());
    main.add(model.figures());
    main.add(section("predictions", "Predictions on the test side", plotGrid(plots())));
    main.add(model.errorByLabel());
    main.add(model.coefficients());
    report
        .tuning()
        .ifPresent(
            path -> {
              CrossValidationPlots plots = new CrossValidationPlots();
              main.add(
                  section(
                      "tuning",
                      "Choice of the penalty",
                      model.tuning(path),
                      plotGrid(List.of(plots.curve(path), plots.coefficients(path)))));
            });
    main.add(data.rows());
    main.add(data.profile());
    main.add(provenance());
    return element(
            "html",
            attribute("lang", "en"),
            element(
                "head",
                element("meta", attribute("charset", "utf-8")),
                element(
                    "meta",
                    List.of(
                        attribute("name", "viewport"),
                        attribute("content", "width=device-width, initial-scale=1"))),
                element(
                    "meta",
                    List.of(attribute("name", "color-scheme"), attribute("content", "light dark"))),
                element("title", title),
                Html.style(ReportStyle.CSS)),
            element("body", element("main", Html.of(main))))
        .page();
  }

  static Html section(String id, String title, Html... content) {
    return element(
        "section",
        List.of(attribute("id", id), attribute("aria-labelledby", id + "-title")),
        element("h2", attribute("id", id + "-title"), text(title)),
        Html.of(content));
  }

  private Html header(String title) {
    RegressionEvaluation test = report.evaluation().test();
    String level = Figures.confidence(report.intervals().confidence());
    return element(
        "header",
        element("h1", title),
        element(
            "p",
            css("lead"),
            text(
                "On %s test rows that it was not fitted to, the model has an RMSE of %s; predicting the mean for every row has %s.%s"
                    .formatted(
                        Figures.count(test.rows()),
                        Figures.number(test.rmse()),
                        Figures.number(test.baselineRmse()),
                        unit()))),
        element(
            "div",
            css("cards"),
            card(
                "RMSE (" + level + ")",
                Figures.number(test.rmse()),
                interval(report.intervals().rmse())),
            card(
                "MAE (" + level + ")",
                Figures.number(test.mae()),
                interval(report.intervals().mae())),
            card(
                "R² (" + level + ")",
                Figures.number(test.r2()),
                report.intervals().r2().map(this::interval).orElse("undefined: constant label")),
            card(
                "Gain over the mean",
                Figures.percent(1.0 - test.rmse() / test.baselineRmse()),
                "of its RMSE")));
  }

  private static Html card(String name, String figure, String below) {
    return element(
        "div",
        css("card"),
        element("div", css("name"), text(name)),
        element("div", css("figure"), text(figure)),
        element("div", css("below"), text(below)));
  }

  private String interval(Interval interval) {
    return interval.isBounded()
        ? Figures.bounds(interval)
        : "too few different rows for an interval";
  }

  private String unit() {
    return report.labelUnit().isEmpty() ? "" : " Unit: " + report.labelUnit() + ".";
  }

  private static Html decision(GateDecision decision) {
    return section(
        "gate",
        "Gate: " + decision.word(),
        element("p", decision.summary()),
        Tables.of(
            "What the gate looked at",
            List.of("check", "", "found", "bound", "in words"),
            decision.grounds().checks().stream()
                .map(
                    check ->
                        List.of(
                            text(check.name()),
                            text(check.passed() ? "passed" : "failed"),
                            text(Figures.number(check.value())),
                            text(Figures.number(check.bound())),
                            element("span", css("words"), text(check.text()))))
                .toList()));
  }

  /** What a reader should not have to find for himself. */
  private Html notes() {
    List<String> notes = new Remarks(report).all();
    return notes.isEmpty()
        ? Html.nothing()
        : element(
            "section",
            List.of(css("notes"), attribute("aria-label", "Remarks")),
            element("ul", Html.of(notes.stream().map(note -> element("li", note)).toList())));
  }

  private static Html plotGrid(List<Plot> plots) {
    return element("div", css("plots"), Html.of(plots.stream().map(ReportPage::figure).toList()));
  }

  private static Html figure(Plot plot) {
    Optional<byte[]> light = plot.png(Theme.LIGHT);
    Optional<byte[]> dark = plot.png(Theme.DARK);
    Html image =
        light.isEmpty() || dark.isEmpty()
            ? element(
                "p",
                css("below"),
                text("Not drawn; the log of the job says why. " + plot.alternative()))
            : element(
                "picture",
                element(
                    "source",
                    List.of(
                        attribute("media", "(prefers-color-scheme: dark)"),
                        attribute("srcset", data(dark.get())))),
                element(
                    "img",
                    List.of(
                        attribute("src", data(light.get())),
                        attribute("alt", plot.alternative()))));
    Html note =
        plot.note().isEmpty() ? Html.nothing() : element("p", css("below"), text(plot.note()));
    return element("figure", element("figcaption", plot.title()), image, note);
  }

  private static String data(byte[] png) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  private Html provenance() {
    return section(
        "provenance",
        "Provenance",
        Tables.facts("Where the run comes from", report.provenance()),
        element("p", css("below"), text("Made " + TIME.format(report.created()) + ".")));
  }
}
