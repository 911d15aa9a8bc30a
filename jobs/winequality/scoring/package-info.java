/**
 * Predictions for whole tables: rows at a version, a registered version of the model, and a Delta
 * table that the predictions are added to once.
 *
 * <p>In: a Delta table or CSV files, and a loaded model. Out: a table of predictions, a table of
 * the rows that could not be scored, each with the reason, and counts that add up. Choosing and
 * fetching the version is not done here.
 *
 * <p>Proven: on real Delta tables and CSV files, with versions from a real MLflow server ({@code
 * BatchScoringIT}).
 */
@NullMarked
package winequality.scoring;

import org.jspecify.annotations.NullMarked;
