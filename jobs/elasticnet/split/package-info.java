/**
 * Which rows train, test, or belong to a fold: decided by a hash of the feature values.
 *
 * <p>In: feature columns, a share or a number of folds, a seed. Out: a Spark SQL predicate or
 * expression. Rows are read only to find the largest number of folds that works.
 *
 * <p>Proven: on Spark, at several numbers of partitions ({@code HoldoutSplitterTest}, {@code
 * FoldAssignerTest}).
 */
@NullMarked
package elasticnet.split;

import org.jspecify.annotations.NullMarked;
