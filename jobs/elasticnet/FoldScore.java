package elasticnet;

import java.util.OptionalDouble;

/**
 * How well the fit to the other folds predicts this fold.
 *
 * @param repetition 0 for the first fold seed
 * @param rows validation rows of a weight above 0, at least 1
 * @param weight the sum of their weights, in which the errors are means
 * @param mse mean squared error, in the label's unit squared
 * @param r2 {@code 1 − Σ(y−ŷ)²/Σ(y−ȳ)²} with the fold's own mean; empty if its label is constant
 * @param mae mean absolute error; empty if it was not measured
 */
public record FoldScore(
    int repetition,
    int fold,
    long rows,
    double weight,
    double mse,
    OptionalDouble r2,
    OptionalDouble mae) {

  public double rmse() {
    return Math.sqrt(mse);
  }
}
