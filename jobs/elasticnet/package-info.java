/**
 * Elastic net paths and cross-validation from one pass over the rows, and MLlib's fit refined to
 * the exact minimum.
 *
 * <p>In: rows with feature and label columns, or statistics collected earlier. Out: a fitted
 * pipeline with its coefficients in the columns' units; a path of penalties with the error of each
 * on rows outside its fit. Errors on a test set are not measured here.
 *
 * <p>Proven: against R's glmnet and cv.glmnet, scikit-learn's ElasticNetCV and Spark's
 * CrossValidator (golden files with their generators).
 */
@NullMarked
package elasticnet;

import org.jspecify.annotations.NullMarked;
