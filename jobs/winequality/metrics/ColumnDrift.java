package winequality.metrics;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How far the new values of a column lie from the reference.
 *
 * @param psi population stability index over the reference's bins, or its levels; 0 for equal
 *     shares
 * @param byChance 99th percentile of the index for unchanged values, at these numbers of values
 * @param meanShift difference of the means in standard deviations of the reference, or of both
 *     together if the reference is constant; empty for a category, if there are no new values or if
 *     all of them equal a constant reference
 */
public record ColumnDrift(
    String column, double psi, double byChance, OptionalDouble meanShift, long values) {

  public String text() {
    return String.format(Locale.ROOT, "%s %.3f", column, psi);
  }
}
