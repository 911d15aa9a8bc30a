/**
 * From checked rows to the table of accepted rows and the quarantine table.
 *
 * <p>In: a source and the tables. Out: both tables at a version, and counts that add up. The
 * accepted rows of a Delta table stay where they are. How a table is written is in {@code
 * data.table}.
 *
 * <p>Proven: on real Delta tables, also when the job is killed ({@code IngestProcessIT}). Tables of
 * Unity Catalog: not yet.
 */
@NullMarked
package winequality.data.ingest;

import org.jspecify.annotations.NullMarked;
