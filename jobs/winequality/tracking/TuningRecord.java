package winequality.tracking;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import winequality.learning.CrossValidation;
import winequality.learning.Estimate;
import winequality.learning.FoldScore;
import winequality.learning.PathPoint;
import winequality.learning.TuningSettings;

/** What a tuning found, in the words in which its run and the runs below it tell it. */
public record TuningRecord(CrossValidation path, TuningSettings settings) {

  /** Logs the path to the run of the tuning: params, the winner's error, the table of results. */
  public void logTo(ActiveRun run) {
    Map<String, String> params = new LinkedHashMap<>();
    params.put("cvFolds", String.valueOf(settings.folds().folds()));
    params.put("cvSeeds", settings.folds().seeds().toString());
    params.put("cvPoints", String.valueOf(path.points().size()));
    params.put("cvRule", settings.rule().name());
    params.put("cvMeasure", settings.measure().name());
    run.params(params);
    run.metrics(metrics(path.winner()));
    byAlpha().forEach((alpha, points) -> logCourse(run, points, "_alpha_" + alpha));
    run.json("cv_results.json", table());
    run.shownAsTable("cv_results.json");
  }

  /** Opens, fills and ends a run for each part that the setting asks for. */
  public void logChildren(
      ChildRuns children, RunTracker tracker, ActiveRun parent, RunOrigin origin) {
    switch (children) {
      case NONE -> {}
      case ALPHA ->
          byAlpha()
              .forEach(
                  (alpha, points) ->
                      child(
                          tracker,
                          parent,
                          origin,
                          "alpha " + alpha,
                          Map.of("alpha", alpha),
                          run -> {
                            logCourse(run, points, "");
                            run.metrics(
                                metrics(settings.rule().choose(points, settings.measure())));
                          }));
      case POINT ->
          path.points()
              .forEach(
                  point ->
                      child(
                          tracker,
                          parent,
                          origin,
                          "alpha %s, lambda %s".formatted(alpha(point), lambda(point)),
                          Map.of("alpha", alpha(point), "lambda", lambda(point)),
                          run -> run.metrics(metrics(point))));
    }
  }

  private interface Filling {
    void fill(ActiveRun run);
  }

  private static void child(
      RunTracker tracker,
      ActiveRun parent,
      RunOrigin origin,
      String name,
      Map<String, String> params,
      Filling filling) {
    try (ActiveRun run = tracker.openChild(parent, name, origin)) {
      run.params(params);
      filling.fill(run);
      run.finish();
    }
  }

  /** The course along falling λ; the step counts the points of the path. */
  private static void logCourse(ActiveRun run, List<PathPoint> points, String suffix) {
    run.metric("cv_rmse" + suffix, steps(points, point -> point.rmse().mean()));
    run.metric("cv_rmse_se" + suffix, steps(points, point -> point.rmse().standardError()));
    run.metric("lambda" + suffix, steps(points, point -> point.penalty().regParam()));
    run.metric("nonzero" + suffix, steps(points, point -> point.solution().nonZero()));
  }

  private static SortedMap<Long, Double> steps(
      List<PathPoint> points, ToDoubleFunction<PathPoint> value) {
    SortedMap<Long, Double> steps = new TreeMap<>();
    for (PathPoint point : points) {
      steps.put((long) steps.size(), value.applyAsDouble(point));
    }
    return steps;
  }

  /** The point that was chosen, by whatever measure: {@code best} is what the rule calls so. */
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

  private Map<String, List<PathPoint>> byAlpha() {
    return path.points().stream()
        .collect(
            Collectors.groupingBy(TuningRecord::alpha, LinkedHashMap::new, Collectors.toList()));
  }

  private static String alpha(PathPoint point) {
    return String.valueOf(point.penalty().elasticNetParam());
  }

  private static String lambda(PathPoint point) {
    return String.valueOf(point.penalty().regParam());
  }

  /**
   * Every point with its estimates and each fold's RMSE, as MLflow's {@code log_table} stores it.
   */
  private Map<String, Object> table() {
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
        // an empty text where there is none: the table has no other way to say so
        row.add(estimate.<Object>map(Estimate::mean).orElse(""));
        row.add(estimate.<Object>map(Estimate::standardError).orElse(""));
      }
      point.folds().forEach(fold -> row.add(fold.rmse()));
      rows.add(row);
    }
    Map<String, Object> table = new LinkedHashMap<>();
    table.put("columns", columns);
    table.put("data", rows);
    return table;
  }
}
