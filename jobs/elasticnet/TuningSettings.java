package elasticnet;

import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldSettings;
import java.util.List;

/**
 * What is cross-validated, and by what the winner is chosen.
 *
 * @param folds how the train rows are divided, and how often
 * @param elasticNetParams each α to be tried, at least one, all different, from 0 to 1
 * @param regParams which λ are tried for each α
 * @param scaling what the penalty acts on
 * @param measure what makes one point better than another
 * @param rule which point is chosen
 * @param absoluteError whether the mean absolute error is wanted, which costs a second pass
 * @param solver when a penalty counts as solved
 */
public record TuningSettings(
    FoldSettings folds,
    List<Double> elasticNetParams,
    RegParams regParams,
    ColumnScaling scaling,
    SelectionMeasure measure,
    SelectionRule rule,
    AbsoluteError absoluteError,
    SolverSettings solver) {

  /** Whether the mean absolute error is worked out. */
  public enum AbsoluteError {
    /** Not at all: one pass over the rows. */
    SKIPPED,
    /** In one further pass for all models together; nothing short of the rows gives it. */
    MEASURED
  }

  public TuningSettings {
    elasticNetParams = List.copyOf(elasticNetParams);
    if (elasticNetParams.isEmpty()) {
      throw new IllegalArgumentException(
          "elasticNetParams is empty; it must hold at least one mixture");
    }
    if (elasticNetParams.stream().distinct().count() < elasticNetParams.size()) {
      throw new IllegalArgumentException(
          "elasticNetParams is " + elasticNetParams + "; it must not hold a value twice");
    }
    for (double value : elasticNetParams) {
      // written so that NaN fails too
      if (!(value >= 0.0 && value <= 1.0)) {
        throw new IllegalArgumentException(
            "elasticNetParams has " + value + "; each must lie between 0 (ridge) and 1 (lasso)");
      }
    }
  }
}
