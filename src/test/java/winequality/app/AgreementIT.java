package winequality.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.MlflowServer;
import testing.OnnxOnTheJvm;
import testing.PredictionBound;
import testing.PythonEnv;
import testing.ScoringServer;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.app.job.JobRunner;
import winequality.data.WineFiles;
import winequality.data.table.TableVersion;

/**
 * One version of the registry gives the same predictions, within the bound for rounding, to
 * everybody who can load it.
 *
 * <p>The table of the largest differences is printed, and written to {@code target/}. Another table
 * of wines: {@code mvn verify -Dit.test=AgreementIT -Dtest=NONE
 * -Dsurefire.failIfNoSpecifiedTests=false -Dagreement.source=FILE}.
 */
class AgreementIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SCRIPT = Path.of("src/test/resources/python/load_model.py");
  private static final String RED = "data/winequality-red.csv";

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final String model = "wine-" + UUID.randomUUID();

  /** Test rows with the formula's value and the allowed distance from it. */
  private record Holdout(PredictionBound bound, List<List<Double>> rows) {
    List<String> features() {
      return bound.features();
    }
  }

  @Test
  void allConsumersPredictTheSameOnTheWholeHoldout() throws Exception {
    String source = System.getProperty("agreement.source", RED);
    JsonNode result = train(source);
    Holdout holdout = holdout(result);
    assertThat(holdout.rows()).hasSize(result.at("/rows/test").asInt()).hasSizeGreaterThan(300);
    Path files =
        server
            .artifacts()
            .resolve(result.at("/experiment_id").asText())
            .resolve(result.at("/run_id").asText())
            .resolve("artifacts/model");

    Map<String, List<Double>> predictions = new LinkedHashMap<>();
    predictions.put("Spark pipeline (JVM)", bySpark(files, holdout));
    predictions.put("ONNX Runtime (JVM)", byOnnx(files, holdout));
    JsonNode python = inPython(holdout);
    predictions.put("mlflow.pyfunc", doubles(python.get("pyfunc")));
    predictions.put("mlflow.spark", doubles(python.get("spark")));
    predictions.put("mlflow.onnx", doubles(python.get("onnx")));
    ScoringServer served;
    try (ScoringServer scoring =
        ScoringServer.of(server.uri(), folder, "--model", model, "--alias", "challenger")) {
      predictions.put(
          "models serve, dataframe_split",
          answers(scoring.post("application/json", splitJson(holdout))));
      predictions.put(
          "models serve, dataframe_records",
          answers(scoring.post("application/json", recordsJson(holdout))));
      predictions.put("models serve, CSV", answers(scoring.post("text/csv", csv(holdout))));
      assertRefusals(scoring, holdout);
      assertStrict(scoring, holdout);
      assertThat(scoring.log())
          .contains("Serving " + model + " version 1 (challenger, champion) at http://");
      served = scoring;
    }
    // the signal was sent to the launcher's process
    assertThat(served.log()).contains("Finished server process");

    Map<String, Double> differences = new LinkedHashMap<>();
    predictions.forEach(
        (consumer, values) -> differences.put(consumer, largestDifference(values, holdout)));
    report(source, holdout, differences);
    assertThat(doubles(python.get("reordered"))).isEqualTo(doubles(python.get("pyfunc")));
  }

  @Test
  void anOptionalColumnThatIsLeftOutIsNamed() throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("ask.py"),
            """
            import sys
            sys.path.insert(0, sys.argv[1])
            import request_check
            from mlflow.types import ColSpec, Schema
            columns = Schema([ColSpec("double", "bill", required=False), ColSpec("double", "wing")]).input_dict()
            for refused in True, False:
                print(request_check.fault_of("application/json", b'{"dataframe_records": [{"wing": 1}]}', columns, refused))
            print(request_check.fault_of("application/json", b'{"dataframe_records": []}', columns, True))
            print(request_check.level_fault("running Gather node. Name:'refuse_unknown_level_of_king's cut' Status"))
            print(request_check.level_fault("anything else"))
            """);
    assertThat(
            PythonEnv.run(
                script, Duration.ofMinutes(1), Path.of("deploy/local").toAbsolutePath().toString()))
        .isEqualTo(
            "the column \"bill\" is missing; give null for a missing value\nNone\nthe request has no rows\ncolumn \"king's cut\" has a value that is missing or no level of the model; blanks around a text and its case count here\nNone\n");
  }

  private static void assertRefusals(ScoringServer scoring, Holdout holdout) throws Exception {
    Map<String, Object> good = record(holdout, 0);
    Map<String, Object> missing = new LinkedHashMap<>(good);
    missing.remove("alcohol");
    Map<String, Object> text = new LinkedHashMap<>(good);
    text.put("alcohol", "much");
    Map<String, Object> gap = new LinkedHashMap<>(good);
    gap.put("alcohol", null);

    assertRefused(scoring, missing, "Model is missing inputs ['alcohol']");
    assertRefused(scoring, text, "column \\\"alcohol\\\", row 1: \\\"much\\\" is not a number");
    assertRefused(scoring, gap, "column \\\"alcohol\\\", row 1: the value is missing");
    for (String number : List.of("Infinity", "-Infinity", "1e400")) {
      ScoringServer.Answer answer =
          scoring.post(
              "application/json",
              JSON.writeValueAsString(Map.of("dataframe_records", List.of(good)))
                  .replaceFirst("\"alcohol\":[0-9.]+", "\"alcohol\":" + number));
      assertThat(answer.status()).as(number).isEqualTo(400);
      assertRefused(answer, "column \"alcohol\", row 1: ");
    }
  }

  /** MLflow's own server converts these values, and its {@code pyfunc} refuses them. */
  private static void assertStrict(ScoringServer scoring, Holdout holdout) throws Exception {
    Map<String, Object> good = record(holdout, 0);
    for (Object value : List.of("9.4", true, List.of(9.4))) {
      Map<String, Object> wrong = new LinkedHashMap<>(good);
      wrong.put("alcohol", value);
      String said =
          "column \"alcohol\", row 2: %s is not a number".formatted(JSON.writeValueAsString(value));
      List<String> names = List.copyOf(good.keySet());
      for (Map<String, ?> body :
          List.<Map<String, ?>>of(
              Map.of("dataframe_records", List.of(good, wrong)),
              Map.of("instances", List.of(good, wrong)),
              Map.of(
                  "dataframe_split",
                  Map.of("columns", names, "data", List.of(good.values(), wrong.values()))),
              Map.of(
                  "inputs",
                  names.stream()
                      .collect(
                          Collectors.toMap(
                              name -> name, name -> List.of(good.get(name), wrong.get(name))))))) {
        assertRefused(scoring.post("application/json", JSON.writeValueAsString(body)), said);
      }
    }
    String row = good.values().stream().map(String::valueOf).collect(Collectors.joining(","));
    String header = String.join(",", good.keySet());
    assertRefused(
        scoring.post("text/csv", header + ",alcohol\n" + row + ",9\n"),
        "the column \"alcohol\" is there twice");
    assertRefused(
        scoring.post("text/csv", header + "\n" + row + "\n" + row + "much\n"),
        "column \"alcohol\", row 2: ");
    assertRefused(
        scoring.post(
            "application/json",
            JSON.writeValueAsString(Map.of("dataframe_records", List.of(good)))
                .replaceFirst("\"alcohol\"", "\"alcohol\":1,\"alcohol\"")),
        "the column \"alcohol\" is there twice");
    Map<String, Object> huge = new LinkedHashMap<>(good);
    huge.put("alcohol", 1e308);
    // a signature has types, not ranges
    assertThat(
            scoring
                .post(
                    "application/json",
                    JSON.writeValueAsString(Map.of("dataframe_records", List.of(huge))))
                .status())
        .isEqualTo(200);
  }

  private static void assertRefused(ScoringServer.Answer answer, String message)
      throws IOException {
    assertThat(answer.status()).as(message).isEqualTo(400);
    assertThat(JSON.readTree(answer.body()).get("message").asText()).startsWith(message);
    assertThat(answer.body()).doesNotContain("stack_trace", "site-packages");
  }

  private static void assertRefused(ScoringServer scoring, Map<String, Object> wine, String message)
      throws Exception {
    ScoringServer.Answer answer =
        scoring.post(
            "application/json",
            JSON.writeValueAsString(Map.of("dataframe_records", List.of(wine))));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains(message);
  }

  private JsonNode train(String source) throws IOException {
    Path result = folder.resolve("result.json");
    List<String> arguments = new ArrayList<>(List.of("--lambda", "0.01", "--result"));
    arguments.add(result.toString());
    for (String assignment :
        List.of(
            "mlflow.tracking-uri=" + server.uri(),
            "registry.model-name=" + model,
            "data.source=" + source,
            "data.table=" + folder.resolve("tables/wine"),
            "data.quarantine-table=" + folder.resolve("tables/quarantine"))) {
      arguments.addAll(List.of("--set", assignment));
    }
    SparkTest.session();
    ExitCode code =
        new JobRunner("train", new TrainingJob(), Map.of(), Clock.systemUTC())
            .run(arguments.toArray(String[]::new));
    JsonNode written = JSON.readTree(Files.readAllBytes(result));
    assertThat(code).as(written.get("error").asText()).isEqualTo(ExitCode.DONE);
    assertThat(written.get("status").asText()).isEqualTo("registered");
    return written;
  }

  private static Holdout holdout(JsonNode result) {
    Dataset<Row> test =
        new TableVersion(
                result.at("/table/location").asText(), result.at("/table/version").asLong())
            .read(SparkTest.session())
            .filter("not (" + result.at("/holdout/train_sql").asText() + ")");
    List<String> features = WineFiles.description().features();
    PredictionBound bound =
        new PredictionBound(
            features,
            features.stream().map(name -> result.get("coefficients").get(name).asDouble()).toList(),
            result.get("intercept").asDouble());
    return new Holdout(bound, test.collectAsList().stream().map(bound::values).toList());
  }

  private static List<Double> bySpark(Path model, Holdout holdout) {
    StructType schema = new StructType();
    for (String feature : holdout.features()) {
      schema = schema.add(feature, DataTypes.DoubleType);
    }
    List<Row> rows =
        holdout.rows().stream().map(cells -> RowFactory.create(cells.toArray())).toList();
    SparkTest.session();
    return PipelineModel.load(model.resolve("sparkml").toString())
        .transform(SparkTest.session().createDataFrame(rows, schema))
        .select("prediction")
        .collectAsList()
        .stream()
        .map(row -> row.getDouble(0))
        .toList();
  }

  private static List<Double> byOnnx(Path model, Holdout holdout) throws Exception {
    try (OnnxOnTheJvm graph = new OnnxOnTheJvm(model.resolve("model.onnx"))) {
      assertThat(graph.metadata())
          .containsKeys("run_id", "table_version", "feature_names", "unit of alcohol");
      return graph.predict(
          holdout.rows().stream()
              .map(cells -> cells.stream().mapToDouble(Double::doubleValue).toArray())
              .toArray(double[][]::new));
    }
  }

  private JsonNode inPython(Holdout holdout) throws IOException {
    Path rows = folder.resolve("rows.json");
    JSON.writeValue(rows.toFile(), Map.of("columns", holdout.features(), "data", holdout.rows()));
    String printed =
        PythonEnv.run(
            SCRIPT,
            Duration.ofMinutes(5),
            "models:/" + model + "@challenger",
            rows.toString(),
            server.uri().toString());
    return JSON.readTree(printed.lines().reduce((a, b) -> b).orElseThrow());
  }

  private static String splitJson(Holdout holdout) throws IOException {
    ObjectNode request = JSON.createObjectNode();
    request
        .putObject("dataframe_split")
        .putPOJO("columns", holdout.features())
        .putPOJO("data", holdout.rows());
    return JSON.writeValueAsString(request);
  }

  private static String recordsJson(Holdout holdout) throws IOException {
    ArrayNode records = JSON.createArrayNode();
    for (int i = 0; i < holdout.rows().size(); i++) {
      records.addPOJO(record(holdout, i));
    }
    return JSON.writeValueAsString(Map.of("dataframe_records", records));
  }

  private static Map<String, Object> record(Holdout holdout, int row) {
    Map<String, Object> record = new LinkedHashMap<>();
    for (int i = 0; i < holdout.features().size(); i++) {
      record.put(holdout.features().get(i), holdout.rows().get(row).get(i));
    }
    return record;
  }

  private static String csv(Holdout holdout) {
    Function<List<?>, String> line =
        cells -> cells.stream().map(String::valueOf).collect(Collectors.joining(","));
    return line.apply(holdout.features())
        + "\n"
        + holdout.rows().stream().map(line).collect(Collectors.joining("\n"))
        + "\n";
  }

  private static List<Double> answers(ScoringServer.Answer answer) throws IOException {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return StreamSupport.stream(
            JSON.readTree(answer.body()).get("predictions").spliterator(), false)
        .map(one -> one.get("prediction").asDouble())
        .toList();
  }

  private static List<Double> doubles(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asDouble).toList();
  }

  /** Distance from the formula, as a share of the bound. */
  private static double largestDifference(List<Double> values, Holdout holdout) {
    assertThat(values).hasSameSizeAs(holdout.rows());
    double largest = 0;
    for (int i = 0; i < values.size(); i++) {
      List<Double> row = holdout.rows().get(i);
      holdout.bound().assertAccurate(values.get(i), row);
      BigDecimal difference =
          new BigDecimal(values.get(i)).subtract(holdout.bound().exact(row)).abs();
      largest =
          Math.max(
              largest,
              difference.divide(holdout.bound().error(row), MathContext.DECIMAL32).doubleValue());
    }
    return largest;
  }

  private static void report(String source, Holdout holdout, Map<String, Double> differences)
      throws IOException {
    String name = Path.of(source).getFileName().toString();
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            "| consumer | largest difference as a share of the bound, %d rows of %s |%n|---|---:|%n",
            holdout.rows().size(),
            name));
    differences.forEach(
        (consumer, value) ->
            table.append(String.format(Locale.ROOT, "| %s | %.2f |%n", consumer, value)));
    table.append(
        String.format(
            Locale.ROOT,
            "The bound is %.1e at most.%n",
            holdout.rows().stream()
                .map(holdout.bound()::error)
                .max(Comparator.naturalOrder())
                .orElseThrow()));
    System.out.print(table);
    Files.writeString(Path.of("target", "agreement-" + name + ".md"), table, UTF_8);
  }
}
