/**
 * Scores whole tables: predictions of a registered model version for rows at a version are added to
 * a Delta table once.
 *
 * <p>In: a Delta table, Parquet or CSV files, and a loaded model. Out: a table of predictions, a
 * table of the rows that could not be scored, each with the reason, and counts that add up.
 * Choosing and downloading the model version is not done here.
 *
 * <p>Proven: on real Delta tables and CSV files, with versions from a real MLflow server ({@code
 * BatchScoringIT}).
 */
@NullMarked
package winequality.scoring;

import org.jspecify.annotations.NullMarked;
