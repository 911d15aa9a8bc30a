package winequality.data.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RowHashesTest {

  /** 30,000 draws of 40 · 40 · 40 rows, in chunks of any size. */
  @Test
  void distinctRowsAreThoseOfASetHoweverTheyAreDivided() {
    for (int chunk : new int[] {1, 750, 30_000}) {
      Random random = new Random(1);
      Set<List<Integer>> rows = new HashSet<>();
      RowHashes hashes = new RowHashes();
      Map<Integer, List<byte[]>> byPart = new HashMap<>();
      for (int i = 1; i <= 30_000; i++) {
        List<Integer> row = IntStream.range(0, 3).mapToObj(j -> random.nextInt(40)).toList();
        rows.add(row);
        hashes.add(row.stream().mapToDouble(value -> value / 8.0).toArray());
        if (i % chunk == 0) {
          hashes
              .takeParts()
              .forEach(
                  (part, some) ->
                      byPart.computeIfAbsent(part, unused -> new ArrayList<>()).add(some));
        }
      }
      assertThat(byPart.keySet()).allMatch(part -> part >= 0 && part < RowHashes.PARTS);
      assertThat(byPart).hasSizeGreaterThan(RowHashes.PARTS * 99 / 100);
      assertThat(byPart.values().stream().mapToInt(all -> RowHashes.distinct(all.stream())).sum())
          .isEqualTo(rows.size());
    }
  }

  @Test
  void signsOfZeroAndKindsOfNanAreOneAndOrderMatters() {
    double otherNan = Double.longBitsToDouble(0x7ff8000000000001L);
    assertThat(distinct(new double[] {0.0, Double.NaN}, new double[] {-0.0, otherNan})).isOne();
    assertThat(distinct(new double[] {1.0, 2.0}, new double[] {2.0, 1.0})).isEqualTo(2);
    assertThat(distinct(new double[] {0.0}, new double[] {0.0, 0.0})).isEqualTo(2);
  }

  private static int distinct(double[]... rows) {
    RowHashes hashes = new RowHashes();
    Stream.of(rows).forEach(hashes::add);
    return hashes.takeParts().values().stream()
        .mapToInt(part -> RowHashes.distinct(Stream.of(part)))
        .sum();
  }
}
