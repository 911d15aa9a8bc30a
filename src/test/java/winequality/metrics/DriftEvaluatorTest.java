package winequality.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DatasetDescription;
import winequality.data.WineFiles;
import winequality.data.profile.TableProfile;
import winequality.data.profile.TableProfiler;

@Tag(SparkTest.COMPILED)
class DriftEvaluatorTest extends SparkTest {

  private static final DatasetDescription TWO =
      new DatasetDescription(
          "d",
          List.of(new ColumnDescription("x", "", 0, 9), new ColumnDescription("y", "", 0, 9)),
          "y");

  /*
   * By hand: shares 0.5, 0.3, 0.2 and 0.25, 0.25, 0.5:
   *   (0.25 − 0.5)·ln(0.5) + (0.25 − 0.3)·ln(0.25/0.3) + (0.5 − 0.2)·ln(2.5)
   *   = 0.173286795 + 0.009116078 + 0.274887220
   */
  @Test
  void threeBinsAreAsWorkedByHand() {
    assertThat(DriftEvaluator.psi(List.of(50L, 30L, 20L), List.of(1L, 1L, 2L)))
        .isCloseTo(0.457290093, within(1e-9));
  }

  @Test
  void equalSharesOfAnyNumberOfRowsAreNoDrift() {
    assertThat(DriftEvaluator.psi(List.of(600L, 300L, 0L, 100L), List.of(6L, 3L, 0L, 1L))).isZero();
  }

  @Test
  void anEmptyBinCountsAsTheLeastShareAndGivesNoInfinity() {
    // by hand, 1e-4 of many values, half a value of 10
    assertThat(DriftEvaluator.psi(List.of(1L, 1L), List.of(100_000L, 0L)))
        .isCloseTo(0.5 * Math.log(2) + (1e-4 - 0.5) * Math.log(2e-4), within(1e-12));
    assertThat(DriftEvaluator.psi(List.of(1L, 1L), List.of(10L, 0L)))
        .isCloseTo(0.5 * Math.log(2) + (0.05 - 0.5) * Math.log(0.1), within(1e-12));
  }

  @Test
  void countsOfOtherBinsAndOfNothingAreRefused() {
    for (List<Long> other : List.of(List.of(1L), List.of(0L, 0L))) {
      assertThatThrownBy(() -> DriftEvaluator.psi(List.of(1L, 1L), other))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** χ²(9) has 21.666 at 99 %, tables say. */
  @Test
  void whatMayBeChanceIsTheChiSquareOfBothNumbers() {
    assertThat(DriftEvaluator.byChance(10, 1000, 100))
        .isCloseTo(21.666 * (0.001 + 0.01), within(1e-5));
  }

  /** Least share 0.1 of 100, or 8 of the new ones: with 20 of them 0.4. */
  @Test
  void neighbouringBinsArePutTogetherUntilTheyHoldEnough() {
    List<Long> reference = List.of(4L, 3L, 3L, 50L, 2L, 30L, 8L);
    assertThat(DriftEvaluator.Binned.of(reference, List.of(1L, 2L, 3L, 4L, 5L, 6L, 979L)))
        .isEqualTo(new DriftEvaluator.Binned(List.of(10L, 50L, 40L), List.of(6L, 4L, 990L)));
    assertThat(DriftEvaluator.Binned.of(reference, List.of(1L, 2L, 3L, 4L, 5L, 4L, 1L)))
        .isEqualTo(new DriftEvaluator.Binned(List.of(60L, 40L), List.of(10L, 10L)));
    assertThat(DriftEvaluator.Binned.of(reference, List.of(0L, 1L, 0L, 0L, 0L, 0L, 0L)))
        .isEqualTo(new DriftEvaluator.Binned(List.of(50L, 50L), List.of(0L, 1L)));
  }

  /** Flags and rare categories, whose largest bin has more than nine tenths. */
  @Test
  void aColumnOfMostlyOneValueHasThatBinAndOneOfAllOthers() {
    for (List<List<Long>> counts :
        List.of(
            List.of(List.of(950L, 50L), List.of(100L, 900L)),
            List.of(List.of(50L, 950L), List.of(900L, 100L)),
            List.of(List.of(950L, 0L, 0L, 50L), List.of(100L, 0L, 0L, 900L)),
            List.of(List.of(20L, 950L, 30L), List.of(500L, 100L, 400L)))) {
      DriftEvaluator.Binned binned = DriftEvaluator.Binned.of(counts.get(0), counts.get(1));
      assertThat(binned)
          .isEqualTo(new DriftEvaluator.Binned(List.of(950L, 50L), List.of(100L, 900L)));
      assertThat(DriftEvaluator.psi(binned.reference(), binned.now()))
          .isGreaterThan(DriftEvaluator.byChance(2, 1000, 1000))
          .isGreaterThan(4.0);
    }
  }

  /** Samples of one distribution: an index is beyond its bound about once in 100. */
  @ParameterizedTest
  @ValueSource(ints = {20, 60, 200, 1000})
  void rowsOfTheSameKindAreBeyondChanceHardlyEver(int rows) {
    Random random = new Random(rows);
    int beyond = 0;
    int draws = 2000;
    for (int i = 0; i < draws; i++) {
      DriftEvaluator.Binned binned =
          DriftEvaluator.Binned.of(counts(random, 2000, 50), counts(random, rows, 50));
      double psi = DriftEvaluator.psi(binned.reference(), binned.now());
      if (psi > DriftEvaluator.byChance(binned.reference().size(), 2000, rows)) {
        beyond++;
      }
    }
    // 1 % of 2,000 is 20, with a deviation of 4.4; the χ² is that of many rows in each bin
    assertThat(beyond).isBetween(5, 60);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 200, 1000})
  void aRareValueOfTheSameKindIsBeyondChanceHardlyEver(int rows) {
    Random random = new Random(rows);
    int beyond = 0;
    for (int i = 0; i < 2000; i++) {
      long rare = random.doubles(2000).filter(x -> x < 0.05).count();
      long now = random.doubles(rows).filter(x -> x < 0.05).count();
      DriftEvaluator.Binned binned =
          DriftEvaluator.Binned.of(List.of(2000 - rare, rare), List.of(rows - now, now));
      if (DriftEvaluator.psi(binned.reference(), binned.now())
          > DriftEvaluator.byChance(2, 2000, rows)) {
        beyond++;
      }
    }
    assertThat(beyond).isLessThan(60);
  }

  private static List<Long> counts(Random random, int rows, int bins) {
    Long[] counts = new Long[bins];
    Arrays.fill(counts, 0L);
    for (int i = 0; i < rows; i++) {
      counts[random.nextInt(bins)]++;
    }
    return List.of(counts);
  }

  @Test
  void theTableItselfHasNoDriftAndAShiftedColumnAlone() {
    Dataset<Row> wines = WineFiles.wines(spark());
    DatasetDescription wine = WineFiles.description();
    TableProfile reference = new TableProfiler(wine).profile(wines);

    Drift none = new DriftEvaluator(wine).evaluate(wines, reference).orElseThrow();
    assertThat(none.rows()).isEqualTo(1599);
    assertThat(none.columns()).extracting(ColumnDrift::column).hasSize(12).contains("quality");
    assertThat(none.columns())
        .allSatisfy(
            column -> {
              assertThat(column.psi()).isZero();
              assertThat(column.meanShift().orElseThrow()).isCloseTo(0.0, within(1e-12));
            });
    assertThat(none.beyond(0.0)).isEmpty();

    Dataset<Row> shifted = wines.withColumn("alcohol", wines.col("alcohol").plus(2.0)).limit(400);
    Drift drift = new DriftEvaluator(wine).evaluate(shifted, reference).orElseThrow();
    assertThat(drift.worst().column()).isEqualTo("alcohol");
    double deviation = reference.column("alcohol").orElseThrow().standardDeviation();
    double mean = reference.column("alcohol").orElseThrow().mean();
    double now = shifted.selectExpr("avg(alcohol)").first().getDouble(0);
    assertThat(drift.worst().meanShift().orElseThrow())
        .isCloseTo((now - mean) / deviation, within(1e-9));
    assertThat(drift.beyond(0.25)).extracting(ColumnDrift::column).contains("alcohol");
    assertThat(drift.beyondText(0.25)).contains("alcohol ");
    assertThat(drift.summary()).startsWith("400 new rows, largest PSI ").contains("(alcohol; ");
  }

  @Test
  void aColumnThatWasConstantHasTheBinsEqualAndOther() {
    TableProfile reference = new TableProfiler(TWO).profile(frame(3, 3, 3, 3));

    ColumnDrift same = drift(reference, 3, 3).columns().get(0);
    assertThat(same.psi()).isZero();
    assertThat(same.meanShift()).isEmpty();

    // one of two is another value: shares 1 and, half a value, 0.25; 0.5 and 0.5
    ColumnDrift half = drift(reference, 3, 7).columns().get(0);
    assertThat(half.psi()).isCloseTo(-0.5 * Math.log(0.5) + 0.25 * Math.log(2.0), within(1e-9));
    // the means are 3 and 5; the deviation is that of all six values
    assertThat(half.meanShift().orElseThrow())
        .isCloseTo(
            2.0 / frame(3, 3, 3, 3, 3, 7).selectExpr("stddev_samp(x)").first().getDouble(0),
            within(1e-9));
    // of one new value too, which has no deviation: 4/√(4/5·16/4)
    assertThat(drift(reference, 7).columns().get(0).meanShift().orElseThrow())
        .isCloseTo(Math.sqrt(5.0), within(1e-9));
  }

  /*
   * By hand: 100 rows of a, b, c, d with 40, 30, 25 and 5; rare d joins c. 50 new rows: a 10, b 20, c 10, d 5, and
   * x 3, y 2, which are new. Shares of the reference 0.4, 0.3, 0.3, 0 (raised to half a value, 0.01); of the new rows
   * 0.2, 0.4, 0.3, 0.1:
   *   (0.2 − 0.4)·ln(0.5) + (0.4 − 0.3)·ln(4/3) + 0 + (0.1 − 0.01)·ln(10)
   *   = 0.138629436 + 0.028768207 + 0.207232658
   */
  @Test
  void theDriftOfACategoryIsThatOfItsSharesAndNewLevelsAreABin() {
    TableProfile reference = new TableProfiler(LEVELS).profile(levels("d 5, a 40, c 25, b 30"));
    Dataset<Row> now = levels("a 10, b 20, c 10, d 5, x 3, y 2");
    Drift drift = new DriftEvaluator(LEVELS).evaluate(now, reference).orElseThrow();
    ColumnDrift cut = drift.columns().get(0);
    assertThat(cut.psi()).isCloseTo(0.374630301, within(1e-9));
    // four bins; χ²(3) has 11.345 at 99 %, tables say
    assertThat(cut.byChance()).isCloseTo(11.345 * (0.01 + 0.02), within(1e-4));
    assertThat(cut.meanShift()).isEmpty();
    assertThat(cut.values()).isEqualTo(50);
    assertThat(drift.worst()).isEqualTo(cut);

    Dataset<Row> same = levels("a 20, b 15, c 12, d 3");
    assertThat(drift(LEVELS, reference, same).psi())
        .isCloseTo(0.0, within(1e-12))
        .isLessThan(drift(LEVELS, reference, now).byChance());
  }

  /*
   * By hand: as above with 25 missing values in the reference and 50 in the new rows. Shares of the reference 0.32, 0.24,
   * 0.24, 0 (raised to half a value, 0.005) and 0.2; of the new rows 0.1, 0.2, 0.15, 0.05 and 0.5:
   *   0.22·ln(3.2) + 0.04·ln(1.2) + 0.09·ln(1.6) + 0.045·ln(10) + 0.3·ln(2.5)
   *   = 0.255893178 + 0.007292862 + 0.042300327 + 0.103616329 + 0.274887220
   */
  @Test
  void missingTextsOfACategoryAreABin() {
    TableProfile reference =
        new TableProfiler(LEVELS).profile(levels("d 5, a 40, c 25, b 30, null 25"));
    Dataset<Row> now = levels("a 10, b 20, c 10, d 5, x 3, y 2, null 50");
    ColumnDrift cut = drift(LEVELS, reference, now);
    assertThat(cut.psi()).isCloseTo(0.683989916, within(1e-9));
    // five bins; χ²(4) has 13.277 at 99 %, tables say
    assertThat(cut.byChance()).isCloseTo(13.277 * (1.0 / 125 + 0.01), within(1e-4));
    assertThat(drift(LEVELS, reference, levels("null 9")).psi()).isGreaterThan(1.0);
  }

  /*
   * By hand: no value of 100 was missing, and 24 of 40 are. Shares 0.5, 0.5, 0 (raised to half a value, 0.0125) and
   * 0.2, 0.2, 0.6:
   *   2·0.3·ln(2.5) + 0.5875·ln(48) = 0.549774439 + 2.274330594
   */
  @Test
  void aColumnWhoseValuesGoMissingDrifts() {
    double[] values = new double[100];
    Arrays.setAll(values, i -> i % 2);
    double[] now = new double[40];
    Arrays.setAll(now, i -> i < 24 ? Double.NaN : i % 2);
    double[] none = new double[40];
    Arrays.fill(none, Double.NaN);
    DatasetDescription gaps =
        new DatasetDescription(
            "d",
            List.of(
                new ColumnDescription(
                    "x",
                    "x",
                    "",
                    "",
                    0,
                    9,
                    Map.of(),
                    List.of(),
                    new ColumnKind.Numeric(ColumnKind.Missing.MEAN, Indicator.NONE)),
                TWO.columns().get(1)),
            "y");
    TableProfile reference = new TableProfiler(gaps).profile(frame(values));
    ColumnDrift drift = drift(gaps, reference, frame(now));
    assertThat(drift.column()).isEqualTo("x");
    assertThat(drift.psi()).isCloseTo(2.824105033, within(1e-9)).isGreaterThan(drift.byChance());
    assertThat(drift.values()).isEqualTo(16);
    assertThat(drift(gaps, reference, frame(none)).psi()).isGreaterThan(2.0);
  }

  @Test
  void rareLevelsAreMergedWhateverTheirNames() {
    Map<String, Long> reference = Map.of("a", 4L, "b", 50L, "c", 3L, "d", 30L, "e", 13L);
    assertThat(
            DriftEvaluator.Binned.ofLevels(
                reference, Map.of("a", 1L, "b", 2L, "c", 3L, "d", 4L, "e", 990L)))
        .isEqualTo(new DriftEvaluator.Binned(List.of(50L, 30L, 20L), List.of(2L, 4L, 994L)));
    assertThat(DriftEvaluator.Binned.ofLevels(reference, Map.of("x", 5L, "y", 4L)))
        .isEqualTo(new DriftEvaluator.Binned(List.of(50L, 50L, 0L), List.of(0L, 0L, 9L)));
    // one level, as a constant
    assertThat(DriftEvaluator.Binned.ofLevels(Map.of("a", 7L), Map.of("a", 2L, "x", 1L)))
        .isEqualTo(new DriftEvaluator.Binned(List.of(7L, 0L), List.of(2L, 1L)));
    assertThat(DriftEvaluator.Binned.ofLevels(Map.of("a", 7L), Map.of("a", 2L)))
        .isEqualTo(new DriftEvaluator.Binned(List.of(7L, 0L), List.of(2L, 0L)));
  }

  @Test
  void aNumberThatBecameACategoryIsLeftOut() {
    Dataset<Row> rows = levels("1 5, 2 5");
    DatasetDescription numbers =
        new DatasetDescription(
            "d", List.of(new ColumnDescription("cut", "", 0, 9), TWO.columns().get(1)), "y");
    TableProfile reference =
        new TableProfiler(numbers).profile(rows.selectExpr("cast(cut AS double) AS cut", "y"));
    assertThat(new DriftEvaluator(LEVELS).evaluate(rows, reference).orElseThrow().columns())
        .extracting(ColumnDrift::column)
        .containsExactly("y");
  }

  private static final DatasetDescription LEVELS =
      new DatasetDescription(
          "d",
          List.of(
              new ColumnDescription(
                  "cut",
                  "cut",
                  "",
                  "",
                  Double.NEGATIVE_INFINITY,
                  Double.POSITIVE_INFINITY,
                  Map.of(),
                  List.of(),
                  new ColumnKind.Category(List.of(), Unknown.BASE, 1)),
              new ColumnDescription("y", "", 0, 9)),
          "y");

  private static ColumnDrift drift(
      DatasetDescription dataset, TableProfile reference, Dataset<Row> now) {
    return new DriftEvaluator(dataset).evaluate(now, reference).orElseThrow().columns().get(0);
  }

  /** Rows of a category with these levels, each so many times, and a label that is always 1. */
  private Dataset<Row> levels(String counts) {
    List<Row> rows = new ArrayList<>();
    for (String part : counts.split(", ", -1)) {
      String level = part.substring(0, part.indexOf(' '));
      int times = Integer.parseInt(part.substring(part.indexOf(' ') + 1));
      for (int i = 0; i < times; i++) {
        rows.add(RowFactory.create(level.equals("null") ? null : level, 1.0));
      }
    }
    return spark()
        .createDataFrame(
            rows, new StructType().add("cut", DataTypes.StringType).add("y", DataTypes.DoubleType));
  }

  @Test
  void columnsWithoutValuesAreLeftOut() {
    TableProfile reference = new TableProfiler(TWO).profile(frame(1, 2, 3));
    Dataset<Row> nulls = frame(1, 2).selectExpr("cast(null as double) as x", "y");
    assertThat(new DriftEvaluator(TWO).evaluate(nulls, reference).orElseThrow().columns())
        .extracting(ColumnDrift::column)
        .containsExactly("y");
    assertThat(new DriftEvaluator(TWO).evaluate(frame(1).filter("x > 5"), reference)).isEmpty();
    assertThat(drift(new TableProfiler(TWO).profile(nulls), 1, 2).columns())
        .extracting(ColumnDrift::column)
        .containsExactly("y");
  }

  private Drift drift(TableProfile reference, double... now) {
    return new DriftEvaluator(TWO).evaluate(frame(now), reference).orElseThrow();
  }

  private Dataset<Row> frame(double... x) {
    List<Row> rows = new ArrayList<>();
    for (double value : x) {
      rows.add(RowFactory.create(value, (double) rows.size()));
    }
    return spark()
        .createDataFrame(
            rows, new StructType().add("x", DataTypes.DoubleType).add("y", DataTypes.DoubleType));
  }
}
