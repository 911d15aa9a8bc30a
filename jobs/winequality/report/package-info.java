/**
 * What people look at: the page of a training, its plots and its table of coefficients.
 *
 * <p>In: what earlier stages found. Out: one page of HTML that needs nothing else, PNG images.
 * Nothing is read from the table or sent to a server here.
 *
 * <p>Proven: looked at in a browser; drawn from fixed figures in the tests.
 */
@NullMarked
package winequality.report;

import org.jspecify.annotations.NullMarked;
