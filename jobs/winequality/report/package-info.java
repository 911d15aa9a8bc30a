/**
 * What people look at: the page of a training and its plots.
 *
 * <p>In: the results of earlier stages. Out: one self-contained page of HTML, PNG images. This
 * package reads no table and calls no server.
 *
 * <p>Proven: looked at in a browser; the tests draw it from fixed figures.
 */
@NullMarked
package winequality.report;

import org.jspecify.annotations.NullMarked;
