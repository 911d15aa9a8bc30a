package elasticnet;

import elasticnet.solver.ElasticNetSolution;
import elasticnet.statistics.SufficientStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The fits to the rows outside one fold, one for each penalty.
 *
 * @param training statistics of the rows outside the fold
 * @param validation statistics of the rows in the fold
 */
record FoldFit(
    int repetition,
    int fold,
    SufficientStatistics training,
    SufficientStatistics validation,
    List<ElasticNetSolution> solutions) {

  /** The fold's score at each penalty; the mean absolute errors may be empty. */
  List<FoldScore> scores(double[] absoluteErrors) {
    int label = validation.columns() - 1;
    double variation = validation.product(label, label);
    List<FoldScore> scores = new ArrayList<>(solutions.size());
    for (int m = 0; m < solutions.size(); m++) {
      double error = solutions.get(m).squaredError(validation, training);
      scores.add(
          new FoldScore(
              repetition,
              fold,
              validation.rows(),
              validation.weight(),
              error / validation.weight(),
              variation > 0.0 ? OptionalDouble.of(1.0 - error / variation) : OptionalDouble.empty(),
              absoluteErrors.length == 0
                  ? OptionalDouble.empty()
                  : OptionalDouble.of(absoluteErrors[m])));
    }
    return scores;
  }
}
