/**
 * Finds Delta tables and Parquet, checks the rows of those that no ingest made, writes tables in
 * one commit that describes itself, and reads earlier versions.
 *
 * <p>In: a name or a path, and rows. Out: a table at a version; accepted rows, and refused ones
 * with rule and reason.
 *
 * <p>Proven: on real Delta tables on a local disk. Tables of Unity Catalog: not yet.
 */
@NullMarked
package winequality.data.table;

import org.jspecify.annotations.NullMarked;
