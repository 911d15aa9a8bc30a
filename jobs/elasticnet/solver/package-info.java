/**
 * The elastic net on sufficient statistics: coordinate descent, an active set step, ridge paths.
 *
 * <p>In: statistics and a penalty. Out: coefficients with a bound of the duality gap. Rows and
 * Spark are not needed here.
 *
 * <p>Proven: against R's glmnet (golden files with their generators).
 */
@NullMarked
package elasticnet.solver;

import org.jspecify.annotations.NullMarked;
