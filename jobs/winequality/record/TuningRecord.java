package winequality.record;

import elasticnet.CrossValidation;
import elasticnet.Estimate;
import elasticnet.FoldScore;
import elasticnet.PathPoint;
import elasticnet.TuningSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.RunOrigin;
import sparkmlflow.run.RunTracker;

/** The results of a tuning as its run and its child runs record them. */
public record TuningRecord(CrossValidation path, TuningSettings settings) {

  /** Logs params, the winner's error and the table of results to the run of the tuning. */
  public void logTo(ActiveRun run) {
    Map<String, String> params = new LinkedHashMap<>();
    params.put("cvFolds", String.valueOf(settings.folds().folds()));
    params.put("cvSeeds", settings.folds().seeds().toString());
    params.put("cvPoints", String.valueOf(path.points().size()));
    params.put("cvRule", settings.rule().name());
    params.put("cvMeasure", settings.measure().name());
    run.params(params);
    run.metrics(metrics(path.winner()));
    path.byAlpha().forEach((alpha, points) -> logCourse(run, points, "_alpha_" + alpha));
    logTable(run);
  }

  /** Logs a child run for each part that the setting selects. */
  public void logChildren(
      ChildRuns children, RunTracker tracker, ActiveRun parent, RunOrigin origin) {
    switch (children) {
      case NONE -> {}
      case ALPHA -> {
        for (Map.Entry<Double, List<PathPoint>> part : path.byAlpha().entrySet()) {
          Map<String, String> params = Map.of("alpha", String.valueOf(part.getKey()));
          PathPoint best = settings.rule().choose(part.getValue(), settings.measure());
          String name = "alpha " + part.getKey();
          child(tracker.openChild(parent, name, origin), params, part.getValue(), best);
        }
      }
      case POINT -> {
        for (PathPoint point : path.points()) {
          String alpha = String.valueOf(point.penalty().elasticNetParam());
          String lambda = String.valueOf(point.penalty().regParam());
          String name = "alpha %s, lambda %s".formatted(alpha, lambda);
          Map<String, String> params = Map.of("alpha", alpha, "lambda", lambda);
          child(tracker.openChild(parent, name, origin), params, List.of(), point);
        }
      }
    }
  }

  private static void child(
      ActiveRun opened, Map<String, String> params, List<PathPoint> course, PathPoint best) {
    try (opened) {
      opened.params(params);
      if (!course.isEmpty()) {
        logCourse(opened, course, "");
      }
      opened.metrics(metrics(best));
      opened.finish();
    }
  }

  /** The path along falling λ; the step is the number of the point. */
  private static void logCourse(ActiveRun run, List<PathPoint> points, String suffix) {
    run.metric("cv_rmse" + suffix, 0, values(points, point -> point.rmse().mean()));
    run.metric("cv_rmse_se" + suffix, 0, values(points, point -> point.rmse().standardError()));
    run.metric("lambda" + suffix, 0, values(points, point -> point.penalty().regParam()));
    run.metric("nonzero" + suffix, 0, values(points, point -> point.solution().nonZero()));
  }

  private static List<Double> values(List<PathPoint> points, ToDoubleFunction<PathPoint> value) {
    return points.stream().mapToDouble(value).boxed().toList();
  }

  /** The chosen point; {@code best} is by the rule and may differ from the smallest error. */
  private static Map<String, Double> metrics(PathPoint point) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    put(metrics, "cv_best_rmse", Optional.of(point.rmse()));
    put(metrics, "cv_best_mse", Optional.of(point.mse()));
    put(metrics, "cv_best_r2", point.r2());
    put(metrics, "cv_best_mae", point.mae());
    return metrics;
  }

  private static void put(Map<String, Double> metrics, String name, Optional<Estimate> estimate) {
    estimate.ifPresent(
        value -> {
          metrics.put(name, value.mean());
          metrics.put(name + "_se", value.standardError());
        });
  }

  /** Every point with its estimates and each fold's RMSE. */
  private void logTable(ActiveRun run) {
    List<String> columns =
        new ArrayList<>(
            List.of(
                "alpha", "lambda", "nonzero", "rmse", "rmse_se", "mse", "mse_se", "r2", "r2_se",
                "mae", "mae_se"));
    for (FoldScore fold : path.winner().folds()) {
      columns.add("rmse_repetition_" + fold.repetition() + "_fold_" + fold.fold());
    }
    List<List<Object>> rows = new ArrayList<>();
    for (PathPoint point : path.points()) {
      List<Object> row = new ArrayList<>();
      row.add(point.penalty().elasticNetParam());
      row.add(point.penalty().regParam());
      row.add(point.solution().nonZero());
      for (Optional<Estimate> estimate :
          List.of(Optional.of(point.rmse()), Optional.of(point.mse()), point.r2(), point.mae())) {
        // an empty text marks a missing estimate
        row.add(estimate.<Object>map(Estimate::mean).orElse(""));
        row.add(estimate.<Object>map(Estimate::standardError).orElse(""));
      }
      point.folds().forEach(fold -> row.add(fold.rmse()));
      rows.add(row);
    }
    run.table("cv_results.json", columns, rows);
  }

  /** Which parts of a tuning get child runs. */
  public enum ChildRuns {
    /** Each alpha, with its path as stepped metrics. */
    ALPHA,
    /** Each pair of alpha and lambda. */
    POINT,
    /** None: everything is in the tuning's run. */
    NONE
  }
}
