package winequality.data.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import winequality.data.ColumnDescription;

class ColumnSketchTest {

  private static final ColumnDescription COLUMN = new ColumnDescription("x", "g", -1e300, 1e300);

  @Test
  void fourValuesAndAMissingOneAreDescribedAsByHand() {
    ColumnProfile profile = sketch(2.0, 8.0, 4.0, Double.NaN, 4.0).profile(COLUMN);
    // mean (2 + 8 + 4 + 4) / 4 = 4.5; squares 6.25 + 12.25 + 0.25 + 0.25 = 19, over 3
    assertThat(profile.mean()).isEqualTo(4.5);
    assertThat(profile.standardDeviation()).isCloseTo(Math.sqrt(19.0 / 3), within(1e-15));
    // of 2, 4, 4, 8: a quarter does not exceed 2, half do not exceed 4, three quarters 4
    assertThat(profile)
        .isEqualTo(
            new ColumnProfile(
                "x",
                "g",
                4,
                1,
                2,
                8,
                4.5,
                profile.standardDeviation(),
                2,
                4,
                4,
                0,
                new Histogram(List.of(2.0, 4.0, 8.0, Math.nextUp(8.0)), List.of(1L, 2L, 1L)),
                List.of()));
  }

  @Test
  void noValueOneValueAndAConstantColumnHaveProfiles() {
    ColumnProfile none = sketch(Double.NaN).profile(COLUMN);
    assertThat(none.count()).isZero();
    assertThat(none.median()).isNaN();
    assertThat(none.histogram()).isEqualTo(new Histogram(List.of(), List.of()));
    ColumnProfile one = sketch(-3).profile(COLUMN);
    assertThat(one.median()).isEqualTo(-3);
    assertThat(one.standardDeviation()).isNaN();
    ColumnProfile constant = sketch(7, 7, 7).profile(COLUMN);
    assertThat(constant.standardDeviation()).isZero();
    assertThat(constant.histogram()).isEqualTo(new Histogram(List.of(7.0, 7.0), List.of(3L)));
    assertThat(sketch(0.0, -0.0).profile(COLUMN).histogram().counts()).containsExactly(2L);
  }

  @Test
  void quartilesKeepToTheirBoundAndCountsAreExactForManyDifferentValues() {
    Random random = new Random(4);
    for (double[] values :
        List.of(
            random.doubles(200_000).toArray(),
            random.doubles(200_000).map(u -> 0.99 + 0.01 * u).toArray(),
            random
                .doubles(200_000)
                .map(u -> Math.exp(20 * (u - 0.5)) * (u < 0.3 ? -1 : 1))
                .toArray(),
            random.doubles(20_000).map(u -> Math.rint(100 * u)).toArray())) {
      ColumnProfile profile = sketch(values).profile(COLUMN);
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      double[] quartiles = {profile.firstQuartile(), profile.median(), profile.thirdQuartile()};
      for (int i = 0; i < 3; i++) {
        double exact = sorted[(int) Math.ceil((i + 1) / 4.0 * sorted.length) - 1];
        assertThat(quartiles[i]).isCloseTo(exact, within(profile.quartileError()));
      }
      double range = sorted[sorted.length - 1] - sorted[0];
      assertThat(profile.quartileError()).isLessThan(range / 1000);
      Histogram histogram = profile.histogram();
      double[] inner = histogram.inner();
      long[] counted = new long[histogram.counts().size()];
      for (double value : values) {
        counted[Histogram.bin(value, inner)]++;
      }
      assertThat(counted).containsExactly(histogram.counts().stream().mapToLong(c -> c).toArray());
      assertThat(histogram.counts()).hasSizeLessThanOrEqualTo(20);
    }
    assertThat(sketch(random.doubles(9000).toArray()).profile(COLUMN).quartileError()).isZero();
  }

  @Test
  void howTheValuesWereDividedMakesNoDifference() {
    Random random = new Random(5);
    double[] values = random.doubles(100_000).map(u -> u * u - 0.1).toArray();
    ColumnProfile whole = sketch(values).profile(COLUMN);
    for (int parts : new int[] {2, 7, 1000}) {
      List<ColumnSketch> sketches = new ArrayList<>();
      for (int i = 0; i < parts; i++) {
        sketches.add(new ColumnSketch());
      }
      for (double value : values) {
        sketches.get(random.nextInt(parts)).add(value);
      }
      ColumnSketch merged = new ColumnSketch();
      sketches.forEach(part -> merged.merge(ColumnSketch.ofBytes(part.toBytes())));
      ColumnProfile profile = merged.profile(COLUMN);
      assertThat(profile.mean()).isCloseTo(whole.mean(), within(1e-12));
      assertThat(profile.standardDeviation()).isCloseTo(whole.standardDeviation(), within(1e-12));
      assertThat(profile)
          .usingRecursiveComparison()
          .ignoringFields("mean", "standardDeviation")
          .isEqualTo(whole);
    }
  }

  private static ColumnSketch sketch(double... values) {
    ColumnSketch sketch = new ColumnSketch();
    for (double value : values) {
      sketch.add(value);
    }
    return sketch;
  }
}
