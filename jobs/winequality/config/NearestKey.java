package winequality.config;

import java.util.Collection;
import java.util.Comparator;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Finds the known key with the smallest edit distance to a misspelt one. */
final class NearestKey {

  private NearestKey() {}

  /**
   * @param known at least one key
   */
  static String to(String key, Collection<String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return known.stream()
        .min(
            Comparator.<String>comparingInt(candidate -> distance.apply(key, candidate))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }
}
