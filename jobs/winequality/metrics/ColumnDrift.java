package winequality.metrics;

import java.util.OptionalDouble;

/**
 * How far new values of a column lie from those of a reference.
 *
 * @param psi population stability index over the reference's bins; 0 for equal shares
 * @param byChance what the index stays below 99 times in 100 if nothing changed, for these numbers
 *     of values
 * @param meanShift difference of the means in standard deviations of the reference, or of both
 *     together where the reference is constant; empty if there are no new values or all are equal
 *     to a constant reference
 * @param values how many new values there are
 */
public record ColumnDrift(
    String column, double psi, double byChance, OptionalDouble meanShift, long values) {

  /** Whether the index is above a limit and cannot well be chance. */
  public boolean exceeds(double limit) {
    return psi > limit && psi > byChance;
  }
}
