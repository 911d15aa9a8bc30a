package elasticnet;

import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.ElasticNetProblem;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.ElasticNetSolver;
import elasticnet.solver.SolverException;
import elasticnet.split.FoldAssigner;
import elasticnet.split.Folds;
import elasticnet.statistics.FoldedStatistics;
import elasticnet.statistics.FoldedStatisticsCollector;
import elasticnet.statistics.SufficientStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Cross-validates a whole path of elastic nets at the cost of one scan.
 *
 * <p>One pass collects the statistics of each fold. The driver does the rest, with memory that
 * depends on columns and folds but not on rows: it fits the path on all rows, which determines the
 * penalties, fits the same penalties on the rows outside each fold, and computes each fold's
 * squared error. Nothing is approximated; the label's deviation and the columns' scales are those
 * of the fitted rows, as in glmnet and Spark. Weights count in the fits and in the errors, as in
 * {@code cv.glmnet(weights=)}.
 *
 * @see <a href="https://arxiv.org/abs/1307.0048">Yang (2013)</a>
 */
public final class CrossValidationPath {

  private final TuningSettings settings;

  public CrossValidationPath(TuningSettings settings) {
    this.settings = settings;
  }

  /**
   * Cross-validates with the settings' folds, which depend on the rows' content.
   *
   * <p>The folds are a hash of the table's own columns, strings and nulls included. Gaps are filled
   * with the mean of all train rows in every fold, as R's {@code cv.glmnet} does after {@code
   * makeX(na.impute = TRUE)}: the encoding is made once.
   *
   * @param train rows whose numbers are neither null nor NaN nor infinite, except for gaps
   * @throws LearningException if there are no rows, a fold is empty, or a value is not usable
   * @throws SolverException if a penalty is not solved within the settings' limits
   */
  public CrossValidation fit(Dataset<Row> train, RegressionColumns columns) {
    FoldAssigner assigner = new FoldAssigner(settings.folds());
    List<String> inputs = columns.features().inputs();
    try {
      return fit(train, columns, assigner.assign(inputs));
    } catch (LearningException.EmptyFold e) {
      OptionalInt largest = assigner.largest(columns.counted(train), inputs);
      throw new LearningException(
          "%d folds are too many for the train rows, because every fold needs a row; %s"
              .formatted(
                  settings.folds().folds(),
                  largest.isPresent()
                      ? largest.getAsInt() + " folds work"
                      : "no number of folds works, so add rows or take other seeds"),
          e);
    }
  }

  /** As {@link #fit(Dataset, RegressionColumns)}, for plain numbers, at least one. */
  public CrossValidation fit(Dataset<Row> train, List<String> features, String label) {
    return fit(train, RegressionColumns.ofNumbers(features, label));
  }

  /** As {@link #fit(Dataset, RegressionColumns)}, with the caller's folds for each repetition. */
  public CrossValidation fit(
      Dataset<Row> train, RegressionColumns columns, List<Folds> repetitions) {
    List<String> features = columns.features().names();
    FoldedStatistics folded = new FoldedStatisticsCollector().collect(train, columns, repetitions);
    return settings.absoluteError() == TuningSettings.AbsoluteError.SKIPPED
        ? fit(folded, features, repetitions)
        : fit(
            folded,
            features,
            repetitions,
            fits -> AbsoluteErrorPass.measure(train, columns, repetitions, fits));
  }

  /**
   * Cross-validates without rows, which only the mean absolute error needs.
   *
   * @param folded statistics of the features and, last, the label
   * @param features the names of the model's columns
   * @throws IllegalArgumentException if the settings ask for the mean absolute error
   * @throws SolverException if a penalty is not solved within the settings' limits
   */
  public CrossValidation fit(
      FoldedStatistics folded, List<String> features, List<Folds> repetitions) {
    if (settings.absoluteError() == TuningSettings.AbsoluteError.MEASURED) {
      throw new IllegalArgumentException(
          "The mean absolute error needs the rows; statistics cannot give it");
    }
    return fit(
        folded, features, repetitions, fits -> fits.stream().map(fit -> new double[0]).toList());
  }

  private CrossValidation fit(
      FoldedStatistics folded,
      List<String> features,
      List<Folds> repetitions,
      Function<List<FoldFit>, List<double[]>> absoluteErrors) {
    SufficientStatistics total = folded.total();
    ElasticNetProblem problem = new ElasticNetProblem(total, settings.scaling());
    Map<Double, List<Double>> penalties = new LinkedHashMap<>();
    for (double alpha : settings.elasticNetParams()) {
      penalties.put(alpha, settings.regParams().values(problem, alpha));
    }
    List<ElasticNetSolution> solutions = paths(problem, penalties);
    List<FoldFit> fits = foldFits(folded, penalties);
    List<PathPoint> points = points(solutions, fits, absoluteErrors.apply(fits));
    PathPoint minimum = SelectionRule.MINIMUM.choose(points, settings.measure());
    PathPoint oneStandardError =
        SelectionRule.ONE_STANDARD_ERROR.choose(points, settings.measure());
    return new CrossValidation(
        features,
        total,
        repetitions,
        points,
        minimum,
        oneStandardError,
        settings.rule() == SelectionRule.MINIMUM ? minimum : oneStandardError);
  }

  private List<ElasticNetSolution> paths(
      ElasticNetProblem problem, Map<Double, List<Double>> penalties) {
    ElasticNetSolver solver = new ElasticNetSolver(settings.solver());
    return penalties.entrySet().stream()
        .flatMap(path -> solver.path(problem, path.getKey(), path.getValue()).stream())
        .toList();
  }

  private List<FoldFit> foldFits(FoldedStatistics folded, Map<Double, List<Double>> penalties) {
    List<FoldFit> fits = new ArrayList<>();
    for (int r = 0; r < folded.repetitions().size(); r++) {
      int repetition = r;
      List<SufficientStatistics> validation = folded.repetitions().get(r);
      List<SufficientStatistics> training = folded.training(r);
      fits.addAll(
          IntStream.range(0, validation.size())
              .parallel()
              .mapToObj(
                  fold ->
                      new FoldFit(
                          repetition,
                          fold,
                          training.get(fold),
                          validation.get(fold),
                          paths(
                              new ElasticNetProblem(training.get(fold), settings.scaling()),
                              penalties)))
              .toList());
    }
    return fits;
  }

  private static List<PathPoint> points(
      List<ElasticNetSolution> solutions, List<FoldFit> fits, List<double[]> absoluteErrors) {
    List<List<FoldScore>> scores = new ArrayList<>();
    for (int f = 0; f < fits.size(); f++) {
      scores.add(fits.get(f).scores(absoluteErrors.get(f)));
    }
    return IntStream.range(0, solutions.size())
        .mapToObj(
            m ->
                PathPoint.of(
                    solutions.get(m), scores.stream().map(ofFold -> ofFold.get(m)).toList()))
        .toList();
  }
}
