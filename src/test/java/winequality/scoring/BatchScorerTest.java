package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import elasticnet.ElasticNetTrainer;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TimeZone;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.FittedModel;
import sparkmlflow.model.InputExample;
import sparkmlflow.model.LoadedModel;
import sparkmlflow.model.ModelFolderWriter;
import sparkmlflow.model.ModelIdentity;
import sparkmlflow.model.ModelSettings;
import sparkmlflow.model.ModelSignature;
import sparkmlflow.model.PipelineLoader;
import sparkmlflow.model.PythonFunction;
import sparkmlflow.model.StoredModel;
import testing.PredictionBound;
import testing.SparkTest;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;
import winequality.data.table.TableRole;

@Tag(SparkTest.COMPILED)
class BatchScorerTest extends SparkTest {

  private static final List<String> FEATURES = WineFiles.description().features();
  private static final Instant AT = Instant.parse("2026-11-23T14:38:54.158736Z");
  private static FittedElasticNet fitted;
  private static LoadedModel model;

  @TempDir Path folder;

  @BeforeAll
  static void fit(@TempDir Path models) {
    fitted =
        new ElasticNetTrainer(
                new LearningSettings(
                    0.01, 0.5, false, true, 1000, 1e-12, "normal", "squaredError", 1.35, 2))
            .fit(WineFiles.wines(session()), FEATURES, "quality");
    ModelSettings settings =
        new ModelSettings(
            "model", PythonFunction.ONNX, "3.12.3", "3.17.2", "1.23.2", "1.32.0", List.of(), "");
    Path directory =
        new ModelFolderWriter(session(), settings)
            .write(
                FittedModel.of(
                    fitted.pipeline(),
                    ModelSignature.ofRegression(FEATURES),
                    new InputExample(
                        FEATURES, List.of(FEATURES.stream().<Object>map(name -> 1.0).toList()))),
                new ModelIdentity("run", "0".repeat(32), AT),
                models.resolve("model"))
            .directory();
    model = new PipelineLoader(session(), settings).load(StoredModel.read(directory));
  }

  @Test
  @Tag("numeric")
  void everyRowOfTheTableGetsItsPredictionAndWhatMadeIt() {
    Dataset<Row> wines = WineFiles.wines(spark());
    save(wines, "wines");

    ScoredTable scored = score("wines", 3);

    assertThat(scored.outcome()).isEqualTo(ScoredTable.Outcome.WRITTEN);
    assertThat(scored.scored()).isEqualTo(1599);
    assertThat(scored.rejected()).isEmpty();
    Dataset<Row> written = scored.predictions().read(spark());
    assertDataFrameNoOrderEquals(
        plain(wines),
        plain(
            written.select(
                Arrays.stream(wines.columns())
                    .map(name -> col("`" + name + "`"))
                    .toArray(Column[]::new))));
    PredictionBound bound = PredictionBound.of(fitted.pipeline());
    assertThat(
            fitted
                .pipeline()
                .transform(written.withColumnRenamed("prediction", "ours"))
                .collectAsList())
        .allSatisfy(
            row ->
                bound.assertAgree(
                    row.<Double>getAs("ours"), row.<Double>getAs("prediction"), bound.values(row)));
    assertThat(
            written
                .select("model_name", "model_version", "run_id", "scored_at", "input_version")
                .distinct()
                .collectAsList())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.getString(0)).isEqualTo("wine's");
              assertThat(row.getLong(1)).isEqualTo(3);
              assertThat(row.getString(2)).isEqualTo("run-3");
              assertThat(row.getTimestamp(3).toInstant()).isEqualTo(AT);
              assertThat(row.getString(4)).isEqualTo("0");
            });
  }

  @Test
  void predictionsThatWereDeletedAreNotTakenForMade() {
    save(WineFiles.wines(spark()).limit(5), "wines");
    ScoredTable scored = score("wines", 1);
    assertThat(score("wines", 1).outcome()).isEqualTo(ScoredTable.Outcome.FOUND);
    spark().sql("DELETE FROM delta.`" + scored.predictions().location() + "`");

    assertThatThrownBy(() -> score("wines", 1))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("were deleted since")
        .hasMessageContaining("scoring.attempt to 2");
    assertThat(
            scorer(settings("wines", List.of(), 0.05, 2)).score(open("wines"), model(1)).scored())
        .isEqualTo(5);
  }

  @Test
  void theTimeOfScoringIsTheSameMomentForAReaderInAnotherZone() {
    save(WineFiles.wines(spark()).limit(3), "wines");
    ScoredTable scored = score("wines", 1);
    TimeZone here = TimeZone.getDefault();
    var elsewhere = spark().newSession();
    elsewhere.conf().set("spark.sql.session.timeZone", here.getRawOffset() == 0 ? "+09:00" : "UTC");
    assertThat(
            scored
                .predictions()
                .read(elsewhere)
                .select(col("scored_at"))
                .first()
                .getTimestamp(0)
                .toInstant())
        .isEqualTo(AT);
  }

  @Test
  void theSameRowsAreScoredOnceByTheSameVersionAndAgainByAnother() {
    save(WineFiles.wines(spark()), "wines");
    long first = score("wines", 1).predictions().version();

    ScoredTable again = score("wines", 1);
    assertThat(again.outcome()).isEqualTo(ScoredTable.Outcome.FOUND);
    assertThat(again.scored()).isEqualTo(1599);
    assertThat(again.predictions().version()).isEqualTo(first);
    assertThat(predictions().count()).isEqualTo(1599);

    assertThat(score("wines", 2).outcome()).isEqualTo(ScoredTable.Outcome.WRITTEN);
    save(WineFiles.wines(spark()).limit(10), "wines");
    assertThat(score("wines", 2).scored()).isEqualTo(10);
    assertThat(predictions().groupBy("model_version", "input_version").count().collectAsList())
        .extracting(row -> List.of(row.getLong(0), row.getString(1), row.getLong(2)))
        .containsExactlyInAnyOrder(
            List.of(1L, "0", 1599L), List.of(2L, "0", 1599L), List.of(2L, "1", 10L));
  }

  @Test
  void aRaisedAttemptTakesThePlaceOfTheEarlierPredictions() {
    save(WineFiles.wines(spark()), "wines");
    score("wines", 1);
    score("wines", 2);
    spark()
        .sql("DELETE FROM delta.`%s` WHERE model_version = 1 AND alcohol > 10".formatted(table()));

    ScoredTable again =
        scorer(settings("wines", List.of(), 0.05, 2)).score(open("wines"), model(1));

    assertThat(again.outcome()).isEqualTo(ScoredTable.Outcome.WRITTEN);
    assertThat(predictions().filter("model_version = 1").count()).isEqualTo(1599);
    assertThat(predictions().count()).isEqualTo(2 * 1599);
  }

  @Test
  void rowsThatCannotBeScoredAreKeptWithTheReasonAndTheCountsAddUp() {
    save(
        WineFiles.wines(spark())
            .withColumn("row", monotonically_increasing_id())
            .withColumn(
                "pH",
                when(col("row").equalTo(1), lit(null))
                    .when(col("row").equalTo(2), lit(Double.NaN))
                    .when(col("row").equalTo(3), lit(Double.NEGATIVE_INFINITY))
                    .otherwise(col("pH")))
            // finite, but not the sum
            .withColumn(
                "alcohol",
                when(col("row").equalTo(4), lit(Double.MAX_VALUE)).otherwise(col("alcohol")))
            .withColumn(
                "total sulfur dioxide",
                when(col("row").equalTo(4), lit(-Double.MAX_VALUE))
                    .otherwise(col("total sulfur dioxide"))),
        "wines");

    ScoredTable scored =
        scorer(
                new ScoringSettings(
                    Optional.of(folder.resolve("wines").toString()),
                    OptionalLong.empty(),
                    "champion",
                    Optional.empty(),
                    table(),
                    folder.resolve("rejected").toString(),
                    List.of("quality"),
                    0.05,
                    1))
            .score(open("wines"), model(1));

    assertThat(scored.read()).isEqualTo(1599);
    assertThat(scored.scored() + scored.rejectedRows()).isEqualTo(1599);
    assertThat(scored.rejectedByRule())
        .containsEntry("pH-missing", 2L)
        .containsEntry("pH-not-finite", 1L);
    List<Row> rejected =
        scored.rejected().orElseThrow().read(spark()).orderBy("rule", "value").collectAsList();
    assertThat(rejected.subList(0, 2))
        .extracting(row -> row.<String>getAs("row"))
        .anyMatch(row -> row.contains("\"pH\":null") && row.contains("\"row\":1"))
        .anyMatch(row -> row.contains("\"pH\":\"NaN\"") && row.contains("\"row\":2"));
    assertThat(rejected.get(2).<String>getAs("reason"))
        .isEqualTo("pH is -Infinity; it must be finite");
    assertThat(rejected.get(2).<String>getAs("column")).isEqualTo("pH");
    assertThat(predictions().columns())
        .startsWith("quality", "prediction", "model_name")
        .doesNotContain("pH", "row");
  }

  @Test
  void aJobThatDiedBehindThePredictionsIsCompletedByTheNextOne() throws Exception {
    save(
        WineFiles.wines(spark())
            .withColumn("pH", when(col("alcohol").gt(14), lit(null)).otherwise(col("pH"))),
        "wines");
    // a file is in the way of the second table
    Files.writeString(folder.resolve("rejected"), "in the way");
    assertThatThrownBy(() -> score("wines", 1));
    long scored = predictions().count();
    assertThat(scored).isLessThan(1599);
    Files.delete(folder.resolve("rejected"));

    ScoredTable next = score("wines", 1);

    assertThat(next.outcome()).isEqualTo(ScoredTable.Outcome.FOUND);
    assertThat(next.scored()).isEqualTo(scored);
    assertThat(next.read()).isEqualTo(1599);
    assertThat(predictions().count()).isEqualTo(scored);
    assertThat(score("wines", 1).read()).isEqualTo(1599);
  }

  @Test
  void csvFilesWithMoreColumnsAndBadFieldsAreScored() {
    List<String> lines =
        new ArrayList<>(
            List.of("id;unused;" + WineFiles.HEADER.replace(',', ';').replace(";quality", "")));
    String good = WineFiles.GOOD.replace(',', ';').replaceAll(";5$", "");
    lines.add("a;;" + good);
    lines.add("\"b;\"\"b\"\"\";;" + good);
    lines.add("c;;" + good + ";1");
    lines.add("d;;" + good.replaceAll("9\\.4$", "9.4d"));
    lines.add("e;;" + good.replaceAll("9\\.4$", "NaN"));
    lines.add("f;;" + good.replaceAll("9\\.4$", " "));
    lines.add("g;;" + good.replaceAll("9\\.4$", "dry"));
    lines.add("");
    WineFiles.write(folder.resolve("wines.csv"), lines);

    ScoredTable scored =
        scorer(settings("wines.csv", List.of("id"), 1.0, 1)).score(open("wines.csv"), model(1));

    assertThat(scored.rejectedByRule())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "too-many-fields", 1L,
                "alcohol-not-a-number", 2L,
                "alcohol-missing", 2L));
    List<Double> values =
        Arrays.stream(WineFiles.GOOD.split(",", -1))
            .limit(FEATURES.size())
            .map(Double::valueOf)
            .toList();
    assertThat(predictions().orderBy("id").collectAsList())
        .allSatisfy(
            row ->
                PredictionBound.of(fitted.pipeline())
                    .assertAccurate(row.<Double>getAs("prediction"), values))
        .extracting(row -> row.<String>getAs("id"))
        .containsExactly("a", "b;\"b\"");
    assertThat(
            scorer(settings("wines.csv", List.of("id"), 1.0, 1))
                .score(open("wines.csv"), model(1))
                .outcome())
        .isEqualTo(ScoredTable.Outcome.FOUND);
  }

  @Test
  void csvFilesAreReadAsTrainingReadsThem() throws IOException {
    Files.createDirectory(folder.resolve("new"));
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("new/weak.txt.gz")))) {
      packed.write(
          """
          \uFEFFkey;p.H;density;sulphates;fixed acidity;volatile acidity;citric acid;residual sugar;chlorides;free sulfur dioxide;total sulfur dioxide
          "two
          lines";3.51;0.9978;0.56;7.4;0.7;0;1.9;0.076;11;34
          damaged;3.51;997.8;0.56;7.4;0.7;0;1.9;0.076;11;34
          """
              .getBytes(StandardCharsets.UTF_8));
    }
    WineFiles.write(
        folder.resolve("new/strong.csv"),
        WineFiles.HEADER.replace(",alcohol,quality", ",key").replace("pH", "p.H"),
        WineFiles.GOOD.replace(",9.4,5", ",one line"));
    Map<String, Double> alcohol = Map.of("weak*", 9.4, "strong*", 14.0);
    List<ColumnDescription> described =
        WineFiles.description().columns().stream()
            .map(
                column ->
                    column.name().equals("alcohol")
                        ? new ColumnDescription("alcohol", "", "", 0, 25, alcohol)
                        : column.name().equals("pH")
                            ? new ColumnDescription(
                                "pH", "p.H", "", "", 2, 5, Map.of(), List.of(), ColumnKind.NUMBER)
                            : column)
            .toList();

    ScoredTable scored =
        scorer(settings("new", List.of("key", "alcohol"), 0.5, 1))
            .score(open("new", described), model(1));

    assertThat(scored.rejectedByRule())
        .containsExactlyEntriesOf(Map.of("density-out-of-range", 1L));
    Row rejected = scored.rejected().orElseThrow().read(spark()).first();
    assertThat(rejected.<String>getAs("reason"))
        .isEqualTo("density is 997.8; it must lie between 0.9 and 1.2");
    assertThat(rejected.<String>getAs("row"))
        .contains(
            "\"key\":\"damaged\"",
            "\"density\":\"997.8\"",
            "\"alcohol\":\"9.4\"",
            "\"pH\":\"3.51\"");
    List<Row> rows = predictions().orderBy("alcohol").collectAsList();
    assertThat(rows)
        .extracting(row -> row.<String>getAs("key"), row -> row.<Double>getAs("alcohol"))
        .containsExactly(tuple("two\nlines", 9.4), tuple("one line", 14.0));
    assertThat(rows.get(1).<Double>getAs("prediction") - rows.get(0).<Double>getAs("prediction"))
        .isCloseTo(
            (14.0 - 9.4) * fitted.coefficients().getOrDefault("alcohol", Double.NaN),
            within(1e-12));
  }

  @Test
  void csvFilesWithOtherColumnsAreNotScoredTogether() throws IOException {
    Files.createDirectory(folder.resolve("new"));
    WineFiles.write(folder.resolve("new/a.csv"), "key," + WineFiles.HEADER, "1," + WineFiles.GOOD);
    WineFiles.write(folder.resolve("new/b.csv"), WineFiles.HEADER, WineFiles.GOOD);
    assertThatThrownBy(() -> open("new"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("b.csv has")
        .hasMessageContaining("must have the same columns, in any order");
  }

  @Test
  void otherTypesThanNumbersAreReadFromCsvToo() {
    WineFiles.write(
        folder.resolve("typed.csv"),
        ",name,grade,ripe,share",
        "1,a,3,true,",
        "2,,3,true,0.5",
        "3,c,3.5,true,.5e1",
        "4,d,4,maybe,1",
        "5,e,5,false,1d");
    ModelSignature signature =
        new ModelSignature(
            List.of(
                ModelSignature.Column.required("name", ColumnType.STRING),
                ModelSignature.Column.required("grade", ColumnType.LONG),
                ModelSignature.Column.required("ripe", ColumnType.BOOLEAN),
                ModelSignature.Column.optional("share", ColumnType.DOUBLE)),
            ModelSignature.ofRegression(FEATURES).outputs());
    try (ScoringInput input =
        ScoringInput.open(
            spark(),
            folder.resolve("typed.csv").toString(),
            OptionalLong.empty(),
            TableRole.INGESTED,
            signature,
            List.of())) {
      RowRules rules = new RowRules(input, signature, Map.of());
      assertThat(
              input
                  .rows()
                  .select(
                      col("_c0"),
                      rules.refusal().getField("rule"),
                      input.value(signature.inputs().get(3)))
                  .orderBy("_c0")
                  .collectAsList())
          .extracting(row -> row.get(0), row -> row.get(1), row -> row.get(2))
          .containsExactly(
              tuple("1", null, null),
              tuple("2", "name-missing", 0.5),
              tuple("3", "grade-not-a-number", 5.0),
              tuple("4", "ripe-not-a-boolean", 1.0),
              tuple("5", "share-not-a-number", null));
    }
  }

  private static final ModelSignature GAPS =
      new ModelSignature(
          List.of(
              ModelSignature.Column.required("alcohol", ColumnType.DOUBLE),
              ModelSignature.Column.optional("bmi", ColumnType.DOUBLE),
              ModelSignature.Column.optional("island", ColumnType.STRING)),
          ModelSignature.ofRegression(FEATURES).outputs());

  private static ColumnDescription described(String name, String header, ColumnKind kind) {
    return new ColumnDescription(name, header, "", "", 0, 99, Map.of(), List.of("-999"), kind);
  }

  /** The rule that each row breaks, and the row as stored. */
  private List<String> read(ScoringInput input) {
    RowRules rules = new RowRules(input, GAPS, Map.of());
    return input
        .rows()
        .select(rules.refusal().getField("rule").as("rule"), input.stored().as("stored"))
        .collectAsList()
        .stream()
        .map(row -> row.mkString("|"))
        .toList();
  }

  @Test
  void aTableIsReadAsTrainingReadsItWhereverItIs() {
    spark()
        .sql(
            "SELECT * FROM VALUES (1L, '9', -999D, ' x '), (2L, '9', double('NaN'), null),"
                + " (null, '9', 3D, 'NaN') AS t(`alcohol_percent`, alcohol, bmi, island)")
        .coalesce(1)
        .write()
        .format("delta")
        .save(folder.resolve("source").toString());
    ColumnKind gap = new ColumnKind.Numeric(ColumnKind.Missing.MEAN, Indicator.NONE);
    try (ScoringInput input =
        ScoringInput.open(
            spark(),
            folder.resolve("source").toString(),
            OptionalLong.empty(),
            TableRole.SOURCE,
            GAPS,
            List.of(
                described("alcohol", "alcohol_percent", ColumnKind.NUMBER),
                described("bmi", "bmi", gap)))) {
      assertThat(input.columns()).containsExactlyInAnyOrder("alcohol", "bmi", "island");
      assertThat(read(input))
          .containsExactly(
              "null|{\"alcohol_percent\":1,\"alcohol\":\"9\",\"bmi\":-999.0,\"island\":\" x \"}",
              "null|{\"alcohol_percent\":2,\"alcohol\":\"9\",\"bmi\":\"NaN\",\"island\":null}",
              "alcohol-missing|{\"alcohol_percent\":null,\"alcohol\":\"9\",\"bmi\":3.0,\"island\":\"NaN\"}");
      RowRules rules = new RowRules(input, GAPS, Map.of());
      assertThat(input.rows().select(rules.values().toArray(Column[]::new)).collectAsList())
          .extracting(row -> row.get(0), row -> row.get(1))
          .containsExactly(tuple(1.0, null), tuple(2.0, null), tuple(null, 3.0));
    }
  }

  @Test
  void anOptionalInputMayBeNanOrAbsent() {
    spark()
        .sql("SELECT 9.4D AS alcohol, double('NaN') AS bmi")
        .write()
        .format("delta")
        .save(folder.resolve("table").toString());
    WineFiles.write(folder.resolve("some.csv"), "alcohol,BMI index", "9.4,NaN", "9.4,-999");
    WineFiles.write(folder.resolve("none.csv"), "alcohol", "9.4");
    Dataset<Row> some =
        spark()
            .sql(
                "SELECT 9.4D AS alcohol, explode(array(double('NaN'), null, -999)) AS `BMI index`");
    some.write().parquet(folder.resolve("some.parquet").toString());
    some.drop("BMI index").write().parquet(folder.resolve("none.parquet").toString());
    List<ColumnDescription> described =
        List.of(
            described("alcohol", "alcohol", ColumnKind.NUMBER),
            // the model's signature says that it may be missing
            described("bmi", "BMI index", ColumnKind.NUMBER));
    for (String name : List.of("table", "some.csv", "none.csv", "some.parquet", "none.parquet")) {
      try (ScoringInput input =
          ScoringInput.open(
              spark(),
              folder.resolve(name).toString(),
              OptionalLong.empty(),
              TableRole.INGESTED,
              GAPS,
              described)) {
        RowRules rules = new RowRules(input, GAPS, Map.of());
        Dataset<Row> sound = input.rows().filter(rules.sound());
        assertThat(sound.select(rules.values().toArray(Column[]::new)).distinct().collectAsList())
            .as(name)
            .extracting(row -> row.mkString("|"))
            .containsExactly("9.4|null|null");
        assertThat(sound.count()).as(name).isEqualTo(input.rows().count());
      }
    }
    // in other case it is not absent
    some.withColumnRenamed("BMI index", "bmi INDEX")
        .write()
        .parquet(folder.resolve("case.parquet").toString());
    assertThatThrownBy(
            () ->
                ScoringInput.open(
                    spark(),
                    folder.resolve("case.parquet").toString(),
                    OptionalLong.empty(),
                    TableRole.INGESTED,
                    GAPS,
                    described))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("upper and lower case count");
  }

  @Test
  void tooManyRejectedRowsFailTheJobAlsoWhenItIsRepeated() {
    save(
        WineFiles.wines(spark())
            .withColumn("pH", when(col("alcohol").gt(10), lit(null)).otherwise(col("pH"))),
        "wines");
    for (int i = 0; i < 2; i++) {
      ScoredTable scored = score("wines", 1);
      assertThatThrownBy(() -> scorer(settings("wines", List.of(), 0.05, 1)).requireFew(scored))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageMatching(
              "Rejected \\d+ of 1599 rows \\(\\d+\\.\\d %; limit 5\\.0 %\\): pH-missing \\d+ \\(pH has no value\\)\\. See table .*");
    }
  }

  @Test
  void aTableThatDoesNotFitTheSignatureIsRefusedBeforeARowIsRead() {
    save(
        WineFiles.wines(spark())
            .drop("pH")
            .withColumn("alcohol", col("alcohol").cast("string"))
            .withColumn("density", col("density").cast("long"))
            .withColumn("citric acid", col("citric acid").cast("float"))
            .withColumn("chlorides", col("chlorides").cast("int")),
        "wines");
    assertThatThrownBy(() -> open("wines"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("\"pH\" is missing; ")
        .hasMessageContaining("\"alcohol\" is string where the model takes double")
        .hasMessageContaining("\"density\" is bigint where the model takes double")
        .hasMessageNotContainingAny("\"citric acid\" is", "\"chlorides\" is");
  }

  @Test
  void noTableBeginsInAFolderOfSomethingElse() throws IOException {
    save(WineFiles.wines(spark()), "wines");
    Path other = Files.createDirectories(folder.resolve("predictions")).resolve("report.pdf");
    Files.writeString(other, "x");
    assertThatThrownBy(() -> score("wines", 1))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("has files that do not belong to a table, such as report.pdf.");
    assertThat(folder.resolve("predictions")).isDirectoryContaining("glob:**report.pdf");
    assertThat(folder.resolve("predictions/_delta_log")).doesNotExist();
  }

  @Test
  void aForeignTableIsNotAddedToAndAColumnInTheWayIsNamed() {
    save(WineFiles.wines(spark()), "wines");
    save(WineFiles.wines(spark()), "predictions");
    assertThatThrownBy(() -> score("wines", 1))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("was not made by this job (it lacks [model_name")
        .hasMessageContaining("scoring.table");
    assertThat(predictions().count()).isEqualTo(1599);
    save(WineFiles.wines(spark()).withColumn("Prediction", lit(1)), "crowded");
    assertThatThrownBy(() -> score("crowded", 1))
        .hasMessageContaining("has the columns [Prediction]");
  }

  @Test
  void anEmptyTableIsScoredToo() {
    save(WineFiles.wines(spark()).limit(0), "wines");
    assertThat(score("wines", 1).read()).isZero();
    assertThat(score("wines", 1).read()).isZero();
  }

  /** Without what Delta says of columns. */
  private Dataset<Row> plain(Dataset<Row> doubles) {
    StructType schema = new StructType();
    for (String column : doubles.columns()) {
      schema = schema.add(column, DataTypes.DoubleType);
    }
    return spark().createDataFrame(doubles.collectAsList(), schema);
  }

  private ScoredTable score(String source, long version) {
    return scorer(settings(source, List.of(), 0.05, 1)).score(open(source), model(version));
  }

  private BatchScorer scorer(ScoringSettings settings) {
    return new BatchScorer(spark(), settings, UUID.randomUUID().toString(), AT);
  }

  private ScoringSettings settings(
      String source, List<String> columns, double maxRejectedFraction, long attempt) {
    return new ScoringSettings(
        Optional.of(folder.resolve(source).toString()),
        OptionalLong.empty(),
        "champion",
        Optional.empty(),
        table(),
        folder.resolve("rejected").toString(),
        columns,
        maxRejectedFraction,
        attempt);
  }

  private ScoringInput open(String source) {
    return open(source, WineFiles.description().columns());
  }

  private ScoringInput open(String source, List<ColumnDescription> described) {
    return ScoringInput.open(
        spark(),
        folder.resolve(source).toString(),
        OptionalLong.empty(),
        TableRole.INGESTED,
        ModelSignature.ofRegression(FEATURES),
        described);
  }

  private ScoringModel model(long version) {
    return new ScoringModel("wine's", version, "run-" + version, model);
  }

  private String table() {
    return folder.resolve("predictions").toString();
  }

  private Dataset<Row> predictions() {
    return spark().read().format("delta").load(table());
  }

  private void save(Dataset<Row> rows, String name) {
    rows.write()
        .format("delta")
        .mode(SaveMode.Overwrite)
        .option("delta.columnMapping.mode", "name")
        .save(folder.resolve(name).toString());
  }
}
