package elasticnet;

import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldSettings;
import java.util.List;

/**
 * What is cross-validated, and how the winner is chosen.
 *
 * @param elasticNetParams each α to try, at least one, all different, from 0 to 1
 * @param regParams which λ to try for each α
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
  public enum AbsoluteError {
    /** The rows are read once. */
    SKIPPED,
    /** The rows are read a second time, for all models together. */
    MEASURED
  }

  public TuningSettings {
    elasticNetParams = List.copyOf(elasticNetParams);
    if (elasticNetParams.isEmpty()) {
      throw new IllegalArgumentException(
          "elasticNetParams is empty; it must hold at least one value");
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
