package winequality.metrics;

/**
 * The errors on the rows whose label lies in one bin, in the label's unit.
 *
 * @param least smallest label in the bin
 * @param most largest label in the bin; equal to the smallest for a grade
 * @param rows at least 1
 * @param bias mean of label less prediction: above 0 the model predicts too little
 */
public record LabelErrors(
    double least, double most, long rows, double bias, double mae, double rmse) {}
