/**
 * A first description of a table that nobody has described yet.
 *
 * <p>In: CSV files or a table. Out: the settings of a data set as text, with doubts as comments.
 *
 * <p>Proven: on public tables, which then train ({@code DescribeTest}).
 */
@NullMarked
package winequality.data.describe;

import org.jspecify.annotations.NullMarked;
