package elasticnet.split;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.rand;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import testing.LocaleOfNumbers;
import testing.SparkTest;

@Tag(SparkTest.COMPILED)
class FoldAssignerTest extends SparkTest {
  private static final List<String> FEATURES = List.of("a b", "c`d");
  private static final int ROWS = 20_000;

  @Test
  void everyRowHasAFoldAndTheFoldsAreOfAboutEqualSize() {
    List<Row> sizes =
        table().groupBy(folds(5, 7L).fold().as("fold")).count().orderBy("fold").collectAsList();

    assertThat(sizes.stream().map(row -> row.getInt(0))).containsExactly(0, 1, 2, 3, 4);
    // sd of a fold's size is √(20000·0.2·0.8) = 57: five of them
    assertThat(sizes)
        .allSatisfy(row -> assertThat(row.getLong(1)).isCloseTo(ROWS / 5, within(285L)));
  }

  @Test
  void duplicatesShareAFold() {
    Dataset<Row> withDuplicates = table().union(table()).withColumn("label", rand(3));

    long divided =
        withDuplicates
            .withColumn("fold", folds(5, 7L).fold())
            .groupBy("`a b`", "`c``d`")
            .agg(countDistinct("fold").as("folds"), count(lit(1)).as("rows"))
            .where("folds > 1 OR rows < 2")
            .count();

    assertThat(divided).isZero();
  }

  @Test
  void aRowKeepsItsFoldWhenTheTableGrowsAndAtAnyNumberOfPartitions() {
    Folds folds = folds(5, 7L);
    Dataset<Row> few = table().where("`a b` < 500").withColumn("fold", folds.fold());
    for (int partitions : new int[] {1, 3, 7}) {
      Dataset<Row> all =
          table().repartition(partitions).withColumn("fold", folds.fold()).where("`a b` < 500");
      assertThat(all.except(few).count()).isZero();
      assertThat(all.count()).isEqualTo(few.count());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {42L, 7L, 0L})
  void foldsAreIndependentOfTheSplitWhateverTheSeeds(long foldSeed) {
    Holdout holdout = new HoldoutSplitter(new HoldoutSettings(0.75, 42L)).split(FEATURES);
    List<Row> shares =
        table()
            .groupBy(folds(4, foldSeed).fold())
            .agg(org.apache.spark.sql.functions.avg(holdout.isTrain().cast("double")))
            .collectAsList();

    // sd of a share among 5,000 rows is √(0.75·0.25/5000) = 0.0061: five of them
    assertThat(shares)
        .hasSize(4)
        .allSatisfy(row -> assertThat(row.getDouble(1)).isCloseTo(0.75, within(0.031)));
  }

  @Test
  void repetitionsAreIndependentOfEachOther() {
    List<Folds> two = new FoldAssigner(new FoldSettings(4, List.of(1L, 2L))).assign(FEATURES);
    List<Row> cells = table().groupBy(two.get(0).fold(), two.get(1).fold()).count().collectAsList();

    // 16 cells of 1,250 with sd √(20000/16·15/16) = 34: five of them
    assertThat(cells)
        .hasSize(16)
        .allSatisfy(row -> assertThat(row.getLong(2)).isCloseTo(1250L, within(171L)));
  }

  @Test
  void theLargestNumberOfFoldsWithRowsIsBelowTheSettings() {
    // of many rows every number works
    for (int folds : new int[] {3, 5}) {
      assertThat(
              new FoldAssigner(new FoldSettings(folds, List.of(1L, 2L))).largest(table(), FEATURES))
          .hasValue(folds - 1);
    }
    FoldAssigner two = new FoldAssigner(new FoldSettings(2, List.of(1L)));
    assertThat(two.largest(table(), FEATURES)).isEmpty();
    FoldAssigner five = new FoldAssigner(new FoldSettings(5, List.of(1L)));
    assertThat(five.largest(table().limit(1), FEATURES)).isEmpty();
  }

  @Test
  void theExpressionIsPlainSqlThatAnybodyCanRun() {
    table().createOrReplaceTempView("fold_assigner_test");
    Folds folds = folds(3, -5L);

    assertThat(folds.foldSql())
        .isEqualTo("cast(pmod(xxhash64(-5L, xxhash64(`a b`, `c``d`)), 3L) AS INT)");
    assertDataFrameEquals(
        table().select(folds.fold().as("fold")),
        spark().sql("SELECT " + folds.foldSql() + " AS fold FROM fold_assigner_test"));
  }

  @Test
  void anotherSeedOrColumnOrNumberOfFoldsHasAnotherExpression() {
    assertThat(
            List.of(
                folds(5, 1L).foldSql(),
                folds(5, 2L).foldSql(),
                folds(6, 1L).foldSql(),
                new FoldAssigner(new FoldSettings(5, List.of(1L)))
                    .assign(List.of("a b"))
                    .get(0)
                    .foldSql()))
        .doesNotHaveDuplicates();
  }

  @Test
  void theSqlHasWesternDigitsInEveryLocale() {
    FoldAssigner assigner = new FoldAssigner(new FoldSettings(5, List.of(1L)));
    assertThat(LocaleOfNumbers.in("ar-EG-u-nu-arab", () -> assigner.assign(FEATURES)))
        .isEqualTo(assigner.assign(FEATURES));
  }

  @Test
  void foldsNeedAFeature() {
    FoldAssigner assigner = new FoldAssigner(new FoldSettings(5, List.of(1L)));

    assertThatThrownBy(() -> assigner.assign(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Folds by content need at least one feature column");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 1001})
  void fewerThanTwoOrTooManyFoldsAreRefused(int folds) {
    assertThatThrownBy(() -> new FoldSettings(folds, List.of(1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("folds is " + folds + "; it must lie between 2 and 1000");
    assertThatThrownBy(() -> new Folds("fold", folds))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("folds is " + folds);
  }

  @Test
  void seedsMustBeThereAndDiffer() {
    assertThatThrownBy(() -> new FoldSettings(5, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("seeds has 0 seeds; it must hold one for each repetition, from 1 to 100");
    assertThatThrownBy(() -> new FoldSettings(5, List.of(3L, 3L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("seeds is [3, 3]");
    List<Long> most = LongStream.range(0, 100).boxed().toList();
    assertThat(new FoldSettings(5, most).seeds()).isEqualTo(most);
  }

  private static Folds folds(int k, long seed) {
    return new FoldAssigner(new FoldSettings(k, List.of(seed))).assign(FEATURES).get(0);
  }

  private Dataset<Row> table() {
    return spark()
        .range(0, ROWS, 1, 4)
        .select(col("id").cast("double").as("a b"), col("id").multiply(0.5).as("c`d"));
  }
}
