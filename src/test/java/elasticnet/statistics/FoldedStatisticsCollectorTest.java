package elasticnet.statistics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.randn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import elasticnet.LearningException;
import elasticnet.encoding.FeatureEncoding;
import elasticnet.encoding.RegressionColumns;
import elasticnet.split.FoldAssigner;
import elasticnet.split.FoldSettings;
import elasticnet.split.Folds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import testing.SparkTest;

@Tag(SparkTest.COMPILED)
class FoldedStatisticsCollectorTest extends SparkTest {
  private static final List<String> FEATURES = List.of("x.1", "x2");
  private static final List<Folds> TWICE =
      new FoldAssigner(new FoldSettings(3, List.of(1L, 2L))).assign(FEATURES);

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void theStatisticsOfEachFoldAreSparksOwn(int partitions) {
    Dataset<Row> rows = table().repartition(partitions);

    FoldedStatistics folded = collect(rows, FEATURES, TWICE);

    for (int r = 0; r < 2; r++) {
      List<Row> expected =
          rows.groupBy(TWICE.get(r).fold().as("fold"))
              .agg(
                  expr("count(1)"),
                  expr("avg(`x.1`)"),
                  expr("avg(y)"),
                  expr("count(1) * covar_pop(`x.1`, x2)"),
                  expr("count(1) * covar_pop(x2, y)"),
                  expr("count(1) * var_pop(y)"))
              .orderBy("fold")
              .collectAsList();
      for (int fold = 0; fold < 3; fold++) {
        SufficientStatistics actual = folded.repetitions().get(r).get(fold);
        Row row = expected.get(fold);
        assertThat(actual.rows()).isEqualTo(row.getLong(1));
        assertThat(actual.mean(0)).isCloseTo(row.getDouble(2), within(1e-12));
        assertThat(actual.mean(2)).isCloseTo(row.getDouble(3), within(1e-12));
        assertThat(actual.product(0, 1)).isCloseTo(row.getDouble(4), within(1e-9));
        assertThat(actual.product(1, 2)).isCloseTo(row.getDouble(5), within(1e-9));
        assertThat(actual.product(2, 2)).isCloseTo(row.getDouble(6), within(1e-9));
      }
    }
    assertThat(folded.total().rows()).isEqualTo(2_000);
  }

  @Test
  void trainingRowsAreAllButTheFold() {
    FoldedStatistics folded = collect(table(), FEATURES, TWICE);
    for (int r = 0; r < 2; r++) {
      List<SufficientStatistics> training = folded.training(r);
      for (int fold = 0; fold < 3; fold++) {
        SufficientStatistics expected =
            new FoldedStatisticsCollector()
                .collectUnfolded(
                    table().where(TWICE.get(r).fold().notEqual(fold)),
                    RegressionColumns.ofNumbers(FEATURES, "y"));
        assertThat(training.get(fold).rows()).isEqualTo(expected.rows());
        for (int i = 0; i < 3; i++) {
          assertThat(training.get(fold).mean(i)).isCloseTo(expected.mean(i), within(1e-12));
          for (int j = 0; j < 3; j++) {
            assertThat(training.get(fold).product(i, j))
                .isCloseTo(expected.product(i, j), within(1e-9));
          }
        }
      }
    }
  }

  @Test
  void anIndicatorThatIsSetInOneFoldOnlyHasNoVariationOutsideIt() {
    Dataset<Row> rows =
        table()
            .withColumn("rare", expr("if(id = 17, 1.0, 0.1)"))
            .withColumn("fold", col("id").mod(4));
    FoldedStatistics folded = collect(rows, List.of("x2", "rare"), List.of(new Folds("fold", 4)));

    List<SufficientStatistics> training = folded.training(0);
    assertThat(training.get(17 % 4).variance(1)).isZero();
    assertThat(training.get(0).variance(1)).isPositive();
  }

  @Test
  void manyColumnsAreMergedOnTheExecutors() {
    List<String> wide = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (int j = 0; j < 150; j++) {
      wide.add("w" + j);
      columns.add(randn(j).as("w" + j));
    }
    columns.add(col("id").mod(2).as("fold"));
    columns.add(randn(1000).as("y"));
    Dataset<Row> rows =
        spark().range(0, 400, 1, 4).select(columns.toArray(Column[]::new)).localCheckpoint();

    FoldedStatistics folded = collect(rows, wide, List.of(new Folds("fold", 2)));

    Row expected =
        rows.where("fold = 1")
            .selectExpr("count(1)", "count(1) * covar_pop(w3, w149)", "avg(w149)")
            .head();
    SufficientStatistics one = folded.repetitions().get(0).get(1);
    assertThat(one.rows()).isEqualTo(expected.getLong(0));
    assertThat(one.product(3, 149)).isCloseTo(expected.getDouble(1), within(1e-10));
    assertThat(one.mean(149)).isCloseTo(expected.getDouble(2), within(1e-12));
    Dataset<Row> bad = rows.withColumn("w7", expr("if(w8 > 2, null, w7)"));
    assertThatThrownBy(() -> collect(bad, wide, List.of(new Folds("fold", 2))))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("The column \"w7\" is null, NaN, infinite");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cast(null AS double)", "double('NaN')", "double('-Infinity')", "1e160D"})
  void aValueThatIsNoNumberIsRefusedWithItsColumn(String bad) {
    Dataset<Row> rows = table().withColumn("x2", expr("if(id = 1234, " + bad + ", x2)"));
    List<Folds> folds = List.of(new Folds("id % 3", 3));

    assertThatThrownBy(() -> collect(rows, FEATURES, folds))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("The column \"x2\" is null, NaN, infinite");
  }

  @ParameterizedTest
  @ValueSource(strings = {"id % 4", "id % 3 - 1", "id % 3 + 0.5", "cast(null AS int)"})
  void aFoldOutsideItsRangeIsRefused(String foldSql) {
    assertThatThrownBy(() -> collect(table(), FEATURES, List.of(new Folds(foldSql, 3))))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("The fold \"" + foldSql + "\" is not a whole number from 0 to k-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cast(null AS double)", "double('NaN')", "double('Infinity')", "-0.5", "1e101D"})
  void aWeightThatIsNoneIsRefusedWithItsColumn(String bad) {
    Dataset<Row> rows = table().withColumn("w", expr("if(id % 500 = 34, " + bad + ", 1.0)"));

    assertThatThrownBy(
            () -> new FoldedStatisticsCollector().collectUnfolded(rows, weighted(FEATURES)))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("The weight \"w\" is null, NaN, negative or above 1e100");
  }

  @Test
  void rowsOfTheWeightZeroCountNowhereWhateverTheyHold() {
    Dataset<Row> rows =
        table()
            .withColumn("w", expr("if(id < 1500, 2.0, -0.0D)"))
            .withColumn("x2", expr("if(id < 1500, x2, null)"));

    SufficientStatistics weighted =
        new FoldedStatisticsCollector().collectUnfolded(rows, weighted(FEATURES));
    SufficientStatistics plain =
        new FoldedStatisticsCollector()
            .collectUnfolded(
                table().where("id < 1500"), RegressionColumns.ofNumbers(FEATURES, "y"));

    assertThat(weighted.rows()).isEqualTo(1500);
    assertThat(weighted.weight()).isEqualTo(3000);
    assertThat(weighted.variance(1)).isCloseTo(plain.variance(1), within(1e-12));
    assertThatThrownBy(
            () ->
                new FoldedStatisticsCollector()
                    .collectUnfolded(table().withColumn("w", expr("0.0")), weighted(FEATURES)))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("No row is on the train side");
  }

  private static RegressionColumns weighted(List<String> features) {
    return new RegressionColumns(FeatureEncoding.ofNumbers(features), "y", Optional.of("w"));
  }

  @Test
  void anEmptyFoldIsRefused() {
    assertThatThrownBy(() -> collect(table(), FEATURES, List.of(new Folds("id % 2", 3))))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("Fold 2 of 0 to 2 has no row (id % 2)");
  }

  @Test
  void noRowsAreRefused() {
    assertThatThrownBy(() -> collect(table().where("false"), FEATURES, TWICE))
        .isInstanceOf(LearningException.class)
        .hasMessageStartingWith("No row is on the train side");
  }

  private static FoldedStatistics collect(
      Dataset<Row> rows, List<String> features, List<Folds> repetitions) {
    return new FoldedStatisticsCollector()
        .collect(rows, RegressionColumns.ofNumbers(features, "y"), repetitions);
  }

  private Dataset<Row> table() {
    return spark()
        .range(0, 2_000, 1, 4)
        .withColumn("x.1", expr("double(id) * 0.37 % 11"))
        .withColumn("x2", expr("float(id * 7 % 13)"))
        .withColumn("y", expr("`x.1` - x2 + id % 5"));
  }
}
