package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import testing.SparkTest;

/** The model made of a pipeline and the rows that it is applied to. */
class FittedModelTest {

  private static final StructType SCHEMA =
      new StructType()
          .add(ModelFixtures.COLUMNS.get(0), DataTypes.DoubleType)
          .add(ModelFixtures.COLUMNS.get(1), DataTypes.LongType);

  private static PipelineModel pipeline;

  @BeforeAll
  static void fitOnce() {
    SparkTest.session();
    pipeline = ModelFixtures.pipeline();
  }

  @Test
  void signatureAndExampleComeFromTheRows() {
    FittedModel model =
        FittedModel.of(
            pipeline,
            rows(
                SCHEMA,
                RowFactory.create(null, 1L),
                RowFactory.create(7.4, 2L),
                RowFactory.create(Double.NaN, 3L),
                RowFactory.create(7.8, 4L)));

    assertThat(model.signature())
        .isEqualTo(
            new ModelSignature(
                List.of(
                    ModelSignature.Column.required(ModelFixtures.COLUMNS.get(0), ColumnType.DOUBLE),
                    ModelSignature.Column.required(ModelFixtures.COLUMNS.get(1), ColumnType.LONG)),
                List.of(ModelSignature.Column.required("prediction", ColumnType.DOUBLE))));
    // complete rows only
    assertThat(model.example().rows()).isEqualTo(List.of(List.of(7.4, 2L), List.of(7.8, 4L)));
    assertThat(model.metadata()).isEmpty();
  }

  @Test
  void rowsWithoutANumberForJsonAreNoExample() {
    FittedModel model =
        FittedModel.of(
            pipeline,
            rows(
                SCHEMA,
                RowFactory.create(Double.POSITIVE_INFINITY, 1L),
                RowFactory.create(Double.NEGATIVE_INFINITY, 2L),
                RowFactory.create(7.8, 4L)));

    assertThat(model.example().rows()).isEqualTo(List.of(List.of(7.8, 4L)));
  }

  @Test
  void dateTimesAndBinaryAreShownAsText() {
    StructType more =
        SCHEMA.add("bottled", DataTypes.TimestampType).add("label", DataTypes.BinaryType);
    FittedModel model =
        FittedModel.of(
            pipeline,
            rows(
                more,
                RowFactory.create(
                    7.4,
                    2L,
                    Timestamp.from(Instant.parse("2026-01-31T10:00:00.5Z")),
                    new byte[] {(byte) 0xfb, (byte) 0xff})));

    assertThat(model.example().rows())
        .isEqualTo(List.of(List.of(7.4, 2L, "2026-01-31T10:00:00.5", "+/8=")));
    assertThat(model.signature().inputs())
        .extracting(ModelSignature.Column::type)
        .endsWith(ColumnType.DATETIME, ColumnType.BINARY);
  }

  @Test
  void anOutputOfAnotherTypeThanTheSignatureSaysIsRejected() {
    ModelSignature whole =
        new ModelSignature(
            ModelFixtures.model().signature().inputs(),
            List.of(ModelSignature.Column.required("prediction", ColumnType.LONG)));
    assertThatThrownBy(() -> FittedModel.of(pipeline, whole, ModelFixtures.example()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The pipeline's column \"prediction\" is double in Spark, but the signature calls it long");
  }

  @Test
  void aLargeTableGivesAFewRowsOnly() {
    Row[] many = new Row[50];
    Arrays.fill(many, RowFactory.create(7.4, 2L));

    assertThat(FittedModel.of(pipeline, rows(SCHEMA, many)).example().rows()).hasSize(5);
  }

  @Test
  void rowsWithoutACompleteOneAreRejected() {
    assertThatThrownBy(() -> FittedModel.of(pipeline, rows(SCHEMA, RowFactory.create(null, 1L))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The input example has 0 rows; it must have 1 to 100.");
  }

  @Test
  void aColumnThatASignatureCannotSayIsNamed() {
    StructType decimal = SCHEMA.add("price", DataTypes.createDecimalType(9, 2));
    assertThatThrownBy(
            () ->
                FittedModel.of(
                    pipeline, rows(decimal, RowFactory.create(7.4, 2L, new BigDecimal("9.90")))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The column \"price\" is decimal(9,2) in Spark")
        .hasMessageContaining("[double, float, long,");
  }

  @Test
  void aPipelineThatDoesNotPredictIsRejected() {
    PipelineModel half = new PipelineModel("half", new Transformer[] {pipeline.stages()[0]});
    assertThatThrownBy(() -> FittedModel.of(half, rows(SCHEMA, RowFactory.create(7.4, 2L))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The pipeline gives no column \"prediction\"");
  }

  private static Dataset<Row> rows(StructType schema, Row... rows) {
    return SparkTest.session().createDataFrame(List.of(rows), schema).coalesce(1);
  }
}
