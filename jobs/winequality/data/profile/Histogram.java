package winequality.data.profile;

import java.util.Arrays;
import java.util.List;

/**
 * Counts of values between edges.
 *
 * <p>Bin i holds {@code edges[i] ≤ value < edges[i+1]}. The first bin is open below and the last
 * one above, so every value of a later table has a bin and the two tables can be compared.
 *
 * @param edges strictly ascending, one more than counts; for a single value both are that value;
 *     empty without values
 * @param counts of the values in each bin
 */
public record Histogram(List<Double> edges, List<Long> counts) {
  public Histogram {
    edges = List.copyOf(edges);
    counts = List.copyOf(counts);
    boolean empty = edges.isEmpty() && counts.isEmpty();
    if (!empty && (edges.size() != counts.size() + 1 || counts.isEmpty())) {
      throw new IllegalArgumentException(
          "A histogram of %d bins has %d edges; it needs one more than bins"
              .formatted(counts.size(), edges.size()));
    }
    for (int i = 1; i < edges.size(); i++) {
      boolean single = counts.size() == 1 && edges.get(0).equals(edges.get(1));
      // written so that NaN fails too
      if (!(edges.get(i - 1) < edges.get(i)) && !single) {
        throw new IllegalArgumentException("The edges %s do not ascend".formatted(edges));
      }
    }
  }

  /** The edges between bins: all but the first and the last. */
  public double[] inner() {
    return edges.stream()
        .mapToDouble(Double::doubleValue)
        .skip(1)
        .limit(counts.size() - 1L)
        .toArray();
  }

  /** The bin of a finite value, counted from 0. */
  public static int bin(double value, double[] inner) {
    // + 0.0: binarySearch puts a negative zero below zero
    int found = Arrays.binarySearch(inner, value + 0.0);
    return found >= 0 ? found + 1 : -1 - found;
  }
}
