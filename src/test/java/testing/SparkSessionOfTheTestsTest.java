package testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the other Spark tests rely on: Delta is on, unequal frames are told apart, and nothing is
 * written beside the sources.
 */
class SparkSessionOfTheTestsTest extends SparkTest {
  private static final String TWO_WINES = "spark_session_of_the_tests_two_wines";

  @TempDir Path folder;

  @Test
  void deltaKeepsColumnNamesWithSpacesAndGivesTheRowsBack() {
    String table = "delta.`" + folder.resolve("wines") + "`";
    spark()
        .sql(
            "CREATE TABLE "
                + table
                + " (`fixed acidity` DOUBLE, quality INT) USING delta"
                + " TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
    twoWines().write().format("delta").mode("append").save(folder.resolve("wines").toString());

    Dataset<Row> read = spark().read().format("delta").load(folder.resolve("wines").toString());

    assertThat(folder.resolve("wines/_delta_log/00000000000000000001.json")).exists();
    assertDataFrameEquals(twoWines(), read.orderBy("fixed acidity"));
  }

  @Test
  void deltasOwnSqlIsUnderstoodSoTheExtensionIsOn() {
    String wines = folder.resolve("constrained").toString();
    twoWines().select("quality").write().format("delta").save(wines);

    assertThatThrownBy(
            () ->
                spark()
                    .sql(
                        "ALTER TABLE delta.`"
                            + wines
                            + "` ADD CONSTRAINT good CHECK (quality > 5)"))
        .hasMessageContaining("CHECK constraint (quality > 5)");
  }

  @Test
  void aFrameWithOneOtherValueIsRejected() {
    Dataset<Row> other = frame(RowFactory.create(7.4, 5), RowFactory.create(7.8, 7));

    assertThatThrownBy(() -> assertDataFrameEquals(twoWines(), other))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("unequal rows");
  }

  @Test
  void aFrameWithARowMoreOrAnotherOrderIsRejected() {
    Dataset<Row> longer =
        frame(RowFactory.create(7.4, 5), RowFactory.create(7.8, 6), RowFactory.create(7.8, 6));
    Dataset<Row> reversed = frame(RowFactory.create(7.8, 6), RowFactory.create(7.4, 5));

    assertThatThrownBy(() -> assertDataFrameEquals(twoWines(), longer))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Length");
    assertThatThrownBy(() -> assertDataFrameEquals(twoWines(), reversed))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("unequal rows");
  }

  @Test
  void aFrameWithAnotherColumnNameIsRejected() {
    Dataset<Row> renamed = twoWines().withColumnRenamed("fixed acidity", "fixed_acidity");

    assertThatThrownBy(() -> assertDataFrameEquals(twoWines(), renamed))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("fixed_acidity");
  }

  @Test
  void valuesWithinTheToleranceAreEqualAndThoseBeyondAreNot() {
    Dataset<Row> near = frame(RowFactory.create(7.4 + 1e-7, 5), RowFactory.create(7.8, 6));

    assertDataFrameApproximateEquals(twoWines(), near, 1e-6);
    assertThatThrownBy(() -> assertDataFrameApproximateEquals(twoWines(), near, 1e-8))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("unequal rows");
  }

  @Test
  void withoutOrderRowsAreEqualWhenEachOccursEquallyOften() {
    Row five = RowFactory.create(7.4, 5);
    Row none = RowFactory.create(null, null);

    assertDataFrameNoOrderEquals(frame(five, none, five), frame(none, five, five));
    assertThatThrownBy(
            () -> assertDataFrameNoOrderEquals(frame(five, none, five), frame(five, none, none)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void managedTablesLieBelowTarget() {
    twoWines().select("quality").write().format("delta").saveAsTable(TWO_WINES);
    try {
      String location =
          spark().sql("DESCRIBE DETAIL " + TWO_WINES).select("location").head().getString(0);

      assertThat(Path.of(URI.create(location)))
          .startsWith(Path.of("target").toAbsolutePath())
          .isDirectory();
    } finally {
      spark().sql("DROP TABLE " + TWO_WINES);
    }
    assertThat(Path.of("spark-warehouse")).doesNotExist();
    assertThat(Path.of("metastore_db")).doesNotExist();
    assertThat(Path.of("derby.log")).doesNotExist();
  }

  @Test
  void aStoppedSessionIsReplacedBeforeTheNextTest() {
    spark().stop();

    startSparkUnlessItRuns();

    assertThat(spark().range(3).count()).isEqualTo(3);
    assertDataFrameEquals(twoWines(), twoWines());
  }

  private Dataset<Row> twoWines() {
    return frame(RowFactory.create(7.4, 5), RowFactory.create(7.8, 6));
  }

  private Dataset<Row> frame(Row... rows) {
    return spark()
        .createDataFrame(
            List.of(rows),
            new StructType()
                .add("fixed acidity", DataTypes.DoubleType)
                .add("quality", DataTypes.IntegerType));
  }
}
