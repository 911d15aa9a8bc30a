package winequality.record;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import winequality.metrics.Repeatability;

/**
 * A repeated training compared with the recorded one.
 *
 * @param compared how many values were compared
 * @param largest the largest relative difference of a value that both have
 * @param where the name of that value; empty if all values are identical
 * @param differences those beyond {@link Repeatability#TOLERANCE}, in the order of the values
 */
public record Reproduction(
    int compared, double largest, Optional<String> where, List<Difference> differences) {

  /** A recorded value and that of the repeated training; null if one of them has none. */
  public record Difference(String name, @Nullable Double expected, @Nullable Double got) {

    /** {@link Repeatability#difference}; infinite if there is nothing to compare with. */
    public double relative() {
      return expected == null || got == null
          ? Double.POSITIVE_INFINITY
          : Repeatability.difference(expected, got);
    }

    @Override
    public String toString() {
      return expected == null || got == null
          ? "%s: expected %s, got %s".formatted(name, shown(expected), shown(got))
          : String.format(
              Locale.ROOT,
              "%s: expected %s, got %s, off by %s (relative %.3g)",
              name,
              expected,
              got,
              got - expected,
              relative());
    }

    private static String shown(@Nullable Double value) {
      return value == null ? "nothing" : value.toString();
    }
  }

  public Reproduction {
    differences = List.copyOf(differences);
  }

  public static Reproduction of(Map<String, Double> expected, Map<String, Double> got) {
    Set<String> names = new LinkedHashSet<>(expected.keySet());
    names.addAll(got.keySet());
    double largest = 0.0;
    Optional<String> where = Optional.empty();
    List<Difference> differences = new ArrayList<>();
    for (String name : names) {
      Difference difference = new Difference(name, expected.get(name), got.get(name));
      double relative = difference.relative();
      if (Double.isFinite(relative) && relative > largest) {
        largest = relative;
        where = Optional.of(name);
      }
      if (relative > Repeatability.TOLERANCE) {
        differences.add(difference);
      }
    }
    return new Reproduction(names.size(), largest, where, differences);
  }
}
