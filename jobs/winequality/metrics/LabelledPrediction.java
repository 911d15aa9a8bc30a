package winequality.metrics;

/** One row's label and what a model predicts for it, both in the label's unit. */
public record LabelledPrediction(double label, double prediction) {

  public double residual() {
    return label - prediction;
  }
}
