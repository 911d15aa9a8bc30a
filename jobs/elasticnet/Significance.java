package elasticnet;

/**
 * The t test of one coefficient.
 *
 * @param standardError in the coefficient's unit, above 0
 * @param t the coefficient in standard errors
 * @param p probability of a t at least as far from 0 if the true coefficient is 0
 */
public record Significance(double standardError, double t, double p) {}
