package elasticnet;

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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Cross-validates a whole path of elastic nets for the price of one scan.
 *
 * <p>The statistics of each fold are collected in one pass. All that follows is done with them on
 * the driver, whose memory depends on the columns and folds but not on the rows: the path on all
 * rows, which sets the penalties, the same penalties on the rows outside each fold, and each fold's
 * squared error. Nothing is approximated; the label's deviation and the columns' scales are those
 * of the rows that are fitted, as in glmnet and in Spark.
 *
 * @see <a href="https://arxiv.org/abs/1307.0048">Yang (2013)</a>
 */
public final class CrossValidationPath {

  private final TuningSettings settings;

  public CrossValidationPath(TuningSettings settings) {
    this.settings = settings;
  }

  /**
   * Cross-validates with folds by the rows' content, as the settings have them.
   *
   * @param train rows with numeric feature and label columns, neither null nor NaN nor infinite
   * @param features names of the feature columns, at least one
   * @param label name of the label column
   * @throws LearningException if there is no row, a fold is empty, or a value cannot be used
   * @throws SolverException if a penalty is not solved within the settings' limits
   */
  public CrossValidation fit(Dataset<Row> train, List<String> features, String label) {
    return fit(train, features, label, new FoldAssigner(settings.folds()).assign(features));
  }

  /**
   * Cross-validates with folds of one's own.
   *
   * @param repetitions one division into folds for each repetition, at least one
   * @see #fit(Dataset, List, String)
   */
  public CrossValidation fit(
      Dataset<Row> train, List<String> features, String label, List<Folds> repetitions) {
    FoldedStatistics folded =
        new FoldedStatisticsCollector().collect(train, features, label, repetitions);
    return fit(
        folded,
        features,
        label,
        repetitions,
        fits ->
            settings.absoluteError() == TuningSettings.AbsoluteError.MEASURED
                ? new AbsoluteErrorPass().measure(train, features, label, repetitions, fits)
                : notMeasured(fits));
  }

  /**
   * Cross-validates without rows: their statistics are all that is needed, except for the mean
   * absolute error.
   *
   * @param folded statistics of the features and, last, the label
   * @param repetitions how the rows were divided, as the statistics have it
   * @throws IllegalArgumentException if the settings ask for the mean absolute error
   * @throws SolverException if a penalty is not solved within the settings' limits
   */
  public CrossValidation fit(
      FoldedStatistics folded, List<String> features, String label, List<Folds> repetitions) {
    if (settings.absoluteError() == TuningSettings.AbsoluteError.MEASURED) {
      throw new IllegalArgumentException(
          "The mean absolute error needs the rows; statistics do not hold it");
    }
    return fit(folded, features, label, repetitions, CrossValidationPath::notMeasured);
  }

  private static List<double[]> notMeasured(List<FoldFit> fits) {
    return fits.stream().map(fit -> new double[0]).toList();
  }

  private CrossValidation fit(
      FoldedStatistics folded,
      List<String> features,
      String label,
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
        label,
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
        .map(path -> solver.path(problem, path.getKey(), path.getValue()))
        .flatMap(Collection::stream)
        .toList();
  }

  /** The folds are independent of each other and solved side by side, the result is the same. */
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
