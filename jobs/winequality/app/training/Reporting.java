package winequality.app.training;

import elasticnet.CrossValidation;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowTags;
import sparkmlflow.run.ActiveRun;
import winequality.JobTags;
import winequality.app.job.JobContext;
import winequality.app.job.Provenance;
import winequality.metrics.ErrorProfile;
import winequality.record.TrainingRecord;
import winequality.report.Plot;
import winequality.report.ReportPage;
import winequality.report.Theme;
import winequality.report.TrainingReport;

/** Logs a training's report page and its plots to the run. */
public final class Reporting {

  private final JobContext context;
  private final ActiveRun run;
  private final List<Plot> plots;
  private final String page;

  Reporting(
      JobContext context,
      ActiveRun run,
      TrainingRecord record,
      ErrorProfile errors,
      Optional<CrossValidation> tuning) {
    this.context = context;
    this.run = run;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("run", run.url());
    Provenance.of(context).tags().forEach((tag, value) -> facts.put(words(tag), value));
    String source = context.settings().data().source();
    Instant now = context.clock().instant();
    ReportPage drawn =
        new ReportPage(new TrainingReport(record, source, errors, tuning, facts, now));
    this.plots = drawn.plots();
    this.page = drawn.html();
  }

  /** Logs page and plots; the gate has not decided yet. */
  void log() {
    context.measure(
        "report",
        () -> {
          run.text(TrainingRecord.REPORT, page);
          plots.forEach(plot -> log(run, plot));
          return page;
        });
  }

  /** The page as it was logged. */
  String page() {
    return page;
  }

  /** Logs a plot as a PNG image, if this machine can draw. */
  public static void log(ActiveRun run, Plot plot) {
    plot.png(Theme.LIGHT).ifPresent(png -> run.bytes("plots/" + plot.name() + ".png", png));
  }

  /** {@code winequality.settings_hash} as "settings hash". */
  private static String words(String tag) {
    return tag.replace(JobTags.RUN_PREFIX, "")
        .replace(MlflowTags.SOURCE_PREFIX, "")
        .replaceAll("[_.]", " ");
  }
}
