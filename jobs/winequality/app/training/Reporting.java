package winequality.app.training;

import elasticnet.CrossValidation;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowTags;
import sparkmlflow.run.ActiveRun;
import winequality.JobTags;
import winequality.app.job.JobContext;
import winequality.app.job.Provenance;
import winequality.gate.GateDecision;
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
  private final ReportPage page;

  Reporting(
      JobContext context,
      ActiveRun run,
      TrainingRecord record,
      ErrorProfile errors,
      Optional<CrossValidation> tuning) {
    this.context = context;
    this.run = run;
    this.page =
        new ReportPage(
            new TrainingReport(
                record,
                context.settings().data().source(),
                errors,
                tuning,
                provenance(),
                Instant.now(context.clock())));
  }

  /**
   * Logs {@link TrainingRecord#REPORT} and replaces an earlier one.
   *
   * @param decision empty until the gate has decided
   */
  void logPage(Optional<GateDecision> decision) {
    run.text(TrainingRecord.REPORT, page.html(decision));
  }

  void logPlots() {
    page.plots().forEach(plot -> log(run, plot));
  }

  /** Logs a plot as a PNG image, if this machine can draw. */
  public static void log(ActiveRun run, Plot plot) {
    plot.png(Theme.LIGHT).ifPresent(png -> run.bytes("plots/" + plot.name() + ".png", png));
  }

  private Map<String, String> provenance() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("run", run.url());
    Provenance.of(context).tags().forEach((tag, value) -> facts.put(words(tag), value));
    return facts;
  }

  /** {@code winequality.settings_hash} as "settings hash". */
  private static String words(String tag) {
    return tag.replace(JobTags.RUN_PREFIX, "")
        .replace(MlflowTags.SOURCE_PREFIX, "")
        .replaceAll("[_.]", " ");
  }
}
