package winequality.app;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.RunTracker;
import winequality.app.job.DriverContext;
import winequality.app.job.DriverJob;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.Provenance;

/**
 * The tracking tour: the smallest run that shows an experiment, a metric's chart and an artifact's
 * preview. Nothing is trained.
 */
public final class TrackingTourJob implements DriverJob {

  private static final Logger LOG = LoggerFactory.getLogger(TrackingTourJob.class);

  private static final String PARAM = "test_run_nof_runs_param1";
  private static final String METRIC = "RMSE";
  private static final List<Double> VALUES = List.of(2.0, 4.0, 6.0, 8.0, 1.0);
  private static final String FILE = "output.txt";

  public static void main(String[] args) {
    JobRunner.main("tour", new TrackingTourJob(), args);
  }

  @Override
  public void rehearse(DriverContext context) {
    try (MlflowConnection connection = MlflowConnection.open(context.settings().mlflow())) {
      LOG.info("{}", new RunTracker(connection, context.clock()).probe());
    }
  }

  @Override
  public JobStatus run(DriverContext context) {
    try (MlflowConnection connection = MlflowConnection.open(context.settings().mlflow())) {
      return new RunTracker(connection, context.clock())
          .during(Provenance.of(context), run -> fill(context, run));
    }
  }

  private static JobStatus fill(DriverContext context, ActiveRun run) {
    context.report().run(run.run(), run.url());
    run.description(
        """
        The tracking tour: one parameter, the metric %s at %d steps (see *Model metrics*), and the file `%s` (see *Artifacts*)."""
            .formatted(METRIC, VALUES.size(), FILE));
    run.params(Map.of(PARAM, String.valueOf(VALUES.size())));
    run.metric(METRIC, 1, VALUES);
    run.text(FILE, "Hello from the tracking tour: this line was logged as an artifact.\n");
    System.out.printf(
        """
        A run with the parameter %s = %d, the metric %s at steps 1 to %d and the file %s:
          run       %s
          file      %s
        The experiment lists the run, and the run's page draws the metric under "Model metrics".
        """,
        PARAM, VALUES.size(), METRIC, VALUES.size(), FILE, run.url(), run.url(FILE));
    return JobStatus.LOGGED;
  }
}
