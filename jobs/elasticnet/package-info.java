/**
 * Elastic net paths and cross-validation from one pass over the rows, and the fit by MLlib.
 *
 * <p>In: rows with feature and label columns, or statistics that were collected before. Out: a
 * fitted pipeline with its coefficients in the columns' own units; a path of penalties with the
 * error of each on rows that it was not fitted to. Errors on a test side are measured by whoever
 * holds one.
 *
 * <p>Proven: against R's glmnet and cv.glmnet, scikit-learn's ElasticNetCV and Spark's
 * CrossValidator (golden files with their generators).
 */
@NullMarked
package elasticnet;

import org.jspecify.annotations.NullMarked;
