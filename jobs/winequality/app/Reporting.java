package winequality.app;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.learning.CrossValidation;
import winequality.metrics.ErrorProfile;
import winequality.registry.GateDecision;
import winequality.report.Plot;
import winequality.report.ReportPage;
import winequality.report.Theme;
import winequality.report.TrainingReport;
import winequality.tracking.ActiveRun;
import winequality.tracking.TrainingRecord;

/** The page of a training and its plots, put together and logged to the run. */
final class Reporting {

  private static final String OWN_TAGS = "winequality.";
  private static final String MLFLOW_SOURCE = "mlflow.source.";

  private final JobContext context;
  private final ActiveRun run;

  Reporting(JobContext context, ActiveRun run) {
    this.context = context;
    this.run = run;
  }

  /** Logs {@link TrainingRecord#REPORT} and a PNG image of each plot. */
  void log(TrainingRecord record, ErrorProfile errors, Optional<CrossValidation> tuning) {
    ReportPage page = page(record, errors, tuning, Optional.empty());
    run.text(TrainingRecord.REPORT, page.html());
    page.plots().forEach(plot -> log(run, plot));
  }

  /** Logs the page again, now that the gate has decided on the version; the plots stay. */
  void log(
      TrainingRecord record,
      ErrorProfile errors,
      Optional<CrossValidation> tuning,
      GateDecision decision) {
    run.text(TrainingRecord.REPORT, page(record, errors, tuning, Optional.of(decision)).html());
  }

  private ReportPage page(
      TrainingRecord record,
      ErrorProfile errors,
      Optional<CrossValidation> tuning,
      Optional<GateDecision> decision) {
    return new ReportPage(
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
  }

  /** Logs a plot as an image, if the machine can draw it. */
  static void log(ActiveRun run, Plot plot) {
    plot.png(Theme.LIGHT).ifPresent(png -> run.bytes("plots/" + plot.name() + ".png", png));
  }

  private Map<String, String> provenance() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("run", run.url());
    Provenance.of(context).tags().forEach((tag, value) -> facts.put(name(tag), value));
    return facts;
  }

  /**
   * A tag's key as words: {@code winequality.settings_hash} and {@code mlflow.source.git.commit}.
   */
  private static String name(String tag) {
    String own =
        tag.startsWith(OWN_TAGS)
            ? tag.substring(OWN_TAGS.length())
            : tag.startsWith(MLFLOW_SOURCE) ? tag.substring(MLFLOW_SOURCE.length()) : tag;
    return own.replace('_', ' ').replace('.', ' ');
  }
}
