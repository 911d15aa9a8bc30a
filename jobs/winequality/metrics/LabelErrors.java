package winequality.metrics;

/**
 * The errors on the rows whose label lies in one bin, in the label's unit.
 *
 * @param least smallest label among them
 * @param most largest label among them; equal to the smallest if the bin is one value, a grade
 * @param rows how many, at least 1
 * @param bias mean of label less prediction: above 0 the model predicts too little
 * @param mae mean absolute error
 * @param rmse root of the mean squared error
 */
public record LabelErrors(
    double least, double most, long rows, double bias, double mae, double rmse) {}
