/**
 * What the model makes of a table's columns: numbers, gaps and categories, by MLlib's own stages.
 *
 * <p>In: the features' description and the train rows, which imputed means come from. Out: MLlib's
 * stages, and one numeric expression for each of the model's columns. The caller names the levels.
 *
 * <p>Proven: the coefficients are those of R's glmnet and lm on {@code model.matrix} and {@code
 * makeX} (golden files with their generator).
 */
@NullMarked
package elasticnet.encoding;

import org.jspecify.annotations.NullMarked;
