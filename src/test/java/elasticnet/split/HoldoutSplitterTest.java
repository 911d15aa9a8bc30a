package elasticnet.split;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import testing.LocaleOfNumbers;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.DatasetDescription;
import winequality.data.WineFiles;

@Tag(SparkTest.COMPILED)
class HoldoutSplitterTest extends SparkTest {

  private static final HoldoutSettings SETTINGS = new HoldoutSettings(0.75, 42L);

  private final DatasetDescription wine = WineFiles.description();
  private final Holdout holdout = new HoldoutSplitter(SETTINGS).split(wine.features());

  @Test
  void theSidesAreDisjointAndCompleteAndNearTheShare() {
    Dataset<Row> wines = wines(rows(), 1);
    long train = wines.filter(holdout.isTrain()).count();
    long test = wines.filter(expr("not (" + holdout.trainSql() + ")")).count();
    assertThat(train + test).isEqualTo(1599);
    // 1,359 distinct wines: one standard deviation is 1.2 points, here are four
    assertThat(train / 1599.0).isCloseTo(0.75, within(0.048));
  }

  @Test
  void theSqlHasWesternDigitsInEveryLocale() {
    HoldoutSplitter splitter = new HoldoutSplitter(SETTINGS);
    assertThat(LocaleOfNumbers.in("ar-EG-u-nu-arab", () -> splitter.split(wine.features())))
        .isEqualTo(holdout);
  }

  @Test
  void duplicateWinesStayOnOneSideWhateverTheirGrade() {
    Dataset<Row> sides =
        wines(rows(), 3)
            .groupBy(
                wine.features().stream()
                    .map(name -> col(Columns.quoted(name)))
                    .toArray(Column[]::new))
            .agg(expr("count(distinct " + holdout.trainSql() + ")").as("sides"));
    assertThat(sides.count()).isEqualTo(1359);
    assertThat(sides.filter("sides <> 1").count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void partitionsAndOrderChangeNothing(int partitions) {
    List<Row> shuffled = new ArrayList<>(rows());
    Collections.shuffle(shuffled, new Random(partitions));
    assertThat(trainRows(wines(shuffled, partitions))).isEqualTo(trainRows(wines(rows(), 1)));
  }

  @Test
  void aWineKeepsItsSideWhenOthersComeOrGo() {
    Set<List<Object>> half = trainRows(wines(rows().subList(0, 800), 2));
    Set<List<Object>> all = trainRows(wines(rows(), 2));
    Set<List<Object>> firstWines = new HashSet<>();
    rows().subList(0, 800).forEach(row -> firstWines.add(features(row)));
    all.retainAll(firstWines);
    assertThat(all).isEqualTo(half);
  }

  @Test
  void anotherSeedDividesOtherwise() {
    Holdout other = new HoldoutSplitter(new HoldoutSettings(0.75, 43L)).split(wine.features());
    Dataset<Row> wines = wines(rows(), 1);
    long both = wines.filter(holdout.isTrain()).filter(other.isTrain()).count();
    // independent sides share 0.75² of the rows
    assertThat(both / 1599.0).isCloseTo(0.5625, within(0.06));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.25, 0.5, 0.9})
  void theShareIsMetOnAverage(double fraction) {
    Dataset<Row> numbers = spark().range(20_000).selectExpr("cast(id as double) as `an id`");
    Holdout divided =
        new HoldoutSplitter(new HoldoutSettings(fraction, 1L)).split(List.of("an id"));
    // five standard deviations of a binomial share over 20,000
    assertThat(numbers.filter(divided.isTrain()).count() / 20_000.0)
        .isCloseTo(fraction, within(5 * Math.sqrt(fraction * (1 - fraction) / 20_000)));
  }

  @Test
  void zeroAndMinusZeroAreTheSameWine() {
    // without this the hash of one bit pattern could part two wines that are equal as numbers
    Dataset<Row> zeros = spark().sql("select 0.0D as x union all select -0.0D as x");
    assertThat(zeros.selectExpr("xxhash64(42L, x)").distinct().count()).isEqualTo(1);
  }

  @Test
  void thePredicateIsTheOneThatIsStoredWithRuns() {
    // a change of its form would orphan the splits of recorded runs
    assertThat(
            new HoldoutSplitter(new HoldoutSettings(0.75, -1L))
                .split(List.of("a", "b`c"))
                .trainSql())
        .isEqualTo("shiftrightunsigned(xxhash64(-1L, `a`, `b``c`), 11) < 6755399441055744L");
  }

  @Test
  void aTableWithoutFeaturesCannotBeDivided() {
    assertThatThrownBy(() -> new HoldoutSplitter(SETTINGS).split(List.of()))
        .hasMessageContaining("at least one feature");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, 1.0, -0.1, 1.2, Double.NaN})
  void sharesThatLeaveASideEmptyAreRefused(double fraction) {
    assertThatThrownBy(() -> new HoldoutSettings(fraction, 1L))
        .hasMessageStartingWith("trainFraction is " + fraction);
  }

  private List<Row> rows() {
    return WineFiles.redLines().stream()
        .skip(1)
        .map(
            line -> {
              String[] fields = line.split(",", -1);
              Object[] values = new Object[fields.length];
              for (int i = 0; i < fields.length; i++) {
                values[i] = Double.valueOf(fields[i]);
              }
              return RowFactory.create(values);
            })
        .toList();
  }

  private Dataset<Row> wines(List<Row> rows, int partitions) {
    StructType schema = new StructType();
    for (ColumnDescription column : wine.columns()) {
      schema = schema.add(column.name(), DataTypes.DoubleType);
    }
    return spark().createDataFrame(rows, schema).repartition(partitions);
  }

  private Set<List<Object>> trainRows(Dataset<Row> wines) {
    Set<List<Object>> train = new HashSet<>();
    wines.filter(holdout.isTrain()).collectAsList().forEach(row -> train.add(features(row)));
    return train;
  }

  private List<Object> features(Row row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < wine.features().size(); i++) {
      values.add(row.get(i));
    }
    return values;
  }
}
