package winequality.app;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.learning.CrossValidation;
import winequality.metrics.ErrorProfile;
import winequality.report.Plot;
import winequality.report.ReportPage;
import winequality.report.Theme;
import winequality.report.TrainingReport;
import winequality.tracking.ActiveRun;
import winequality.tracking.TrainingRecord;

/** The page of a training and its plots, put together and logged to the run. */
final class Reporting {

  private static final String OWN_TAGS = "winequality.";

  private final JobContext context;
  private final ActiveRun run;

  Reporting(JobContext context, ActiveRun run) {
    this.context = context;
    this.run = run;
  }

  /** Logs {@link TrainingRecord#REPORT} and a PNG image of each plot. */
  void log(
      TrainingRecord record,
      ErrorProfile errors,
      Optional<CrossValidation> tuning,
      Optional<TrainingReport.Decision> decision) {
    ReportPage page =
        new ReportPage(
            new TrainingReport(
                record.dataset(),
                context.settings().data().source(),
                record.table(),
                record.profile(),
                record.holdout(),
                record.learning(),
                record.coefficientTable(),
                record.evaluation(),
                record.intervals(),
                errors,
                tuning,
                decision,
                provenance(),
                Instant.now(context.clock())));
    run.text(TrainingRecord.REPORT, page.html());
    page.plots().forEach(plot -> log(run, plot));
  }

  /** Logs a plot as an image, if the machine can draw it. */
  static void log(ActiveRun run, Plot plot) {
    plot.png(Theme.LIGHT).ifPresent(png -> run.bytes("plots/" + plot.name() + ".png", png));
  }

  private Map<String, String> provenance() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("run", run.url());
    facts.put("job", context.mainClass());
    Provenance.of(context)
        .tags()
        .forEach(
            (tag, value) ->
                facts.put(
                    tag.startsWith(OWN_TAGS)
                        ? tag.substring(OWN_TAGS.length()).replace('_', ' ')
                        : tag,
                    value));
    return facts;
  }
}
