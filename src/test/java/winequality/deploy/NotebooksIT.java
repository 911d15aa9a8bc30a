package winequality.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mlflow.tracking.MlflowClient;
import testing.MlflowServer;
import testing.PythonEnv;
import testing.SparkTest;
import winequality.data.WineFiles;

/**
 * Runs the notebooks, as far as that goes without Databricks: Scala in Spark's shell with the jar,
 * Python with MLflow, SQL on Delta, R with glmnet (skipped where that is not installed). The MLflow
 * server is a real one. Databricks' widgets and {@code display} are stood in for, and so are R's
 * packages mlflow and carrier, which Debian has not.
 *
 * <p>What each notebook printed and drew stays in {@code target/notebooks}.
 */
class NotebooksIT extends SparkTest {

  private static final Path NOTEBOOKS = Path.of("notebooks-export").toAbsolutePath();
  private static final Path HELPERS = Path.of("src/test/resources/notebooks").toAbsolutePath();
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final String EXPERIMENT = "notebooks";
  private static final MlflowServer SERVER = MlflowServer.serving();

  private static Path source = Path.of("");
  private static Path tables = Path.of("");
  private static String scala = "";

  @BeforeAll
  static void runTheScalaNotebook() throws Exception {
    Path folder = folder("scala");
    List<String> lines = new ArrayList<>(WineFiles.redLines());
    lines.add(WineFiles.GOOD.replaceFirst("[^,]*$", "11"));
    source = WineFiles.write(folder.resolve("wines.csv"), lines);
    tables = folder.resolve("tables");
    Path settings =
        Files.writeString(
            folder.resolve("notebook.conf"),
            """
            data.source = "%2$s"
            data.table = "%1$s/wine"
            data.quarantine-table = "%1$s/wine_quarantine"
            data.profile-table = "%1$s/wine_profiles"
            scoring.table = "%1$s/wine_predictions"
            scoring.rejected-table = "%1$s/wine_predictions_rejected"
            mlflow.experiment-name = %3$s
            registry.model-name = wine-notebooks
            """
                .formatted(tables, source, EXPERIMENT));
    Path script =
        Files.writeString(
            folder.resolve("notebook.scala"),
            Files.readString(HELPERS.resolve("prelude.scala"))
                + Files.readString(NOTEBOOKS.resolve("2-train-with-the-jar.scala"))
                + "\nprintln(\"the end of the notebook\")\n");
    Path spark = PythonEnv.spark();
    scala =
        run(
            folder,
            spark("spark-shell"),
            // so that the job treats the session as it does there: it is neither stopped nor left
            Map.of(
                "SPARK_HOME", spark.toString(),
                "DATABRICKS_RUNTIME_VERSION", "17.3",
                "WIDGET_settings", settings.toString(),
                "WIDGET_catalog", "wines",
                "WIDGET_schema", "of",
                "WIDGET_volume", "tests"),
            ":paste " + script + "\n");
    assertThat(scala).contains("the end of the notebook").doesNotContain("error:");
  }

  /** A program of Spark's with the jar and Delta's, as far as its own arguments. */
  private static List<String> spark(String program) throws IOException {
    String jars = System.getProperty("winequality.jar") + "," + String.join(",", PythonEnv.delta());
    return List.of(
        PythonEnv.spark().resolve("bin").resolve(program).toString(),
        "--master",
        "local[2]",
        "--properties-file",
        Path.of("deploy/local/spark-defaults.conf").toAbsolutePath().toString(),
        "--conf",
        "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension",
        "--conf",
        "spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "--jars",
        jars);
  }

  @Test
  void scalaTrainsThreeTimesAndLooksInside() {
    assertThat(scala)
        .containsPattern("\\|0\\.01 +\\|0\\.668")
        .contains("0 of 1359 different wines stand on both sides")
        .containsPattern("1599 wines scored by version [123] into file:.*/wine_predictions")
        .containsPattern("best: alpha \\d\\.\\d, lambda 0\\.\\d+, RMSE 0\\.6\\d+ ± 0\\.0\\d+");
  }

  @Test
  void pythonComparesTheRunsAndLoadsTheModel() throws Exception {
    Path folder = folder("python");
    String printed =
        run(
            folder,
            List.of(
                PythonEnv.venv().resolve("bin/python").toString(),
                HELPERS.resolve("run_python.py").toString(),
                NOTEBOOKS.resolve("3-compare-and-load.py").toString(),
                folder.toString()),
            Map.of(
                "WIDGET_experiment",
                EXPERIMENT,
                "WIDGET_model",
                "wine-notebooks",
                "WIDGET_alias",
                "challenger",
                "WIDGET_source",
                WineFiles.RED.toAbsolutePath().toString()));
    MlflowClient mlflow = new MlflowClient(SERVER.uri().toString());
    String run = mlflow.getModelVersion("wine-notebooks", "3").getRunId();
    assertThat(printed)
        .contains("models:/wine-notebooks@challenger is of run " + run)
        .containsPattern("alcohol +% vol\\. +0\\.\\d+ +0\\.\\d+")
        .containsPattern("0\\.5 +0\\.01 +0\\.668");
    assertPlots(folder, 3);
  }

  /** As the bundle's job of two tasks: a training that registers nothing, and its result file. */
  @Test
  void theWayRoundRegistersTheRunsModelInPython() throws Exception {
    Path folder = folder("register");
    MlflowClient mlflow = new MlflowClient(SERVER.uri().toString());
    Path result = folder.resolve("result.json");
    List<String> training = new ArrayList<>(spark("spark-submit"));
    training.addAll(
        List.of(
            "--class",
            "winequality.app.TrainingJob",
            System.getProperty("winequality.jar"),
            "--result",
            result.toString(),
            "--set",
            "data.source=" + WineFiles.RED.toAbsolutePath(),
            "--set",
            "registry.enabled=false",
            "--set",
            "mlflow.experiment-name=way-round"));
    run(folder, training, Map.of("SPARK_HOME", PythonEnv.spark().toString()));
    String run = new ObjectMapper().readTree(result.toFile()).path("run_id").asText();
    String printed =
        run(
            folder,
            List.of(
                PythonEnv.venv().resolve("bin/python").toString(),
                Path.of("deploy/databricks/register_model.py").toAbsolutePath().toString(),
                result.toString(),
                "wine-way-round",
                "challenger"),
            Map.of("MLFLOW_REGISTRY_URI", SERVER.uri().toString()));
    assertThat(printed).contains("run " + run + " is version 1 of wine-way-round, challenger");
    assertThat(mlflow.getModelVersion("wine-way-round", "1").getRunId()).isEqualTo(run);
  }

  @Test
  void sqlTellsHistoryQuarantineAndDrift() throws Exception {
    folder("sql");
    spark().sql("CREATE SCHEMA IF NOT EXISTS notebook_tables");
    for (String table : List.of("wine", "wine_quarantine", "wine_profiles", "wine_predictions")) {
      spark()
          .sql(
              "CREATE TABLE IF NOT EXISTS notebook_tables.%s USING delta LOCATION '%s'"
                  .formatted(table, tables.resolve(table)));
    }
    // a second version, of stronger wines
    spark().sql("DELETE FROM notebook_tables.wine WHERE alcohol < 10");
    // Delta 4.1's parser leaves a parameter in USE IDENTIFIER(:name) without its value, but for
    // this
    spark().conf().set("spark.sql.legacy.parameterSubstitution.constantsOnly", "true");
    Map<String, Dataset<Row>> answers =
        sql(
            NOTEBOOKS.resolve("4-the-tables.sql"),
            Map.of("catalog", "spark_catalog", "schema", "notebook_tables"));
    spark().sql("USE spark_catalog.default");

    assertThat(answer(answers, "DESCRIBE HISTORY").collectAsList())
        .extracting(row -> row.<String>getAs("operation"))
        .startsWith("DELETE");
    assertThat(answer(answers, "count(DISTINCT *)").first().<Long>getAs("wines"))
        .isLessThan(1599L)
        .isPositive();
    Row refused = answer(answers, "GROUP BY rule").first();
    assertThat(refused.<String>getAs("rule")).isEqualTo("quality-out-of-range");
    assertThat(refused.<Long>getAs("rows")).isEqualTo(1);
    assertThat(refused.<String>getAs("example")).endsWith(",11");
    Row scored = answer(answers, "GROUP BY model_version").first();
    assertThat(scored.<Long>getAs("rows")).isEqualTo(1599);
    assertThat(scored.<Double>getAs("mean")).isCloseTo(5.65, within(0.05));
    assertThat(answer(answers, "mean_error").collectAsList())
        .extracting(row -> row.<Long>getAs("wines"))
        .containsExactly(10L, 53L, 681L, 638L, 199L, 18L);
    // each of the table's versions that a training read
    assertThat(answer(answers, "FROM wine_profiles").collectAsList())
        .extracting(row -> row.<String>getAs("column"))
        .containsExactly("alcohol", "pH", "quality");
    Row drift = answer(answers, "shift_in_deviations").first();
    assertThat(drift.<String>getAs("column")).isEqualTo("alcohol");
    // all wines have mean 10.423 and deviation 1.066, those of 10 % and more have mean 11.122
    assertThat(drift.<Double>getAs("shift_in_deviations"))
        .isCloseTo((11.122 - 10.423) / 1.066, within(0.001));
  }

  @Test
  void rLogsTheOriginalWorkflow() throws Exception {
    Command.assumeInstalled("Rscript");
    assumeTrue(
        Command.run(
                    List.of("Rscript", "-e", "library(glmnet); library(jsonlite); library(curl)"),
                    Map.of(),
                    "")
                .code()
            == 0,
        "R lacks glmnet, jsonlite or curl");
    Path folder = folder("r");
    Path library = Files.createDirectories(folder.resolve("library"));
    run(
        folder,
        List.of(
            "R",
            "CMD",
            "INSTALL",
            "--no-docs",
            "--library=" + library,
            HELPERS.resolve("r/mlflow").toString(),
            HELPERS.resolve("r/carrier").toString()),
        Map.of());
    Path script =
        Files.writeString(
            folder.resolve("notebook.R"),
            Files.readString(HELPERS.resolve("prelude.R"))
                + Files.readString(NOTEBOOKS.resolve("1-original-workflow.r")));
    String printed =
        run(
            folder,
            List.of("Rscript", script.toString()),
            Map.of(
                "R_LIBS", library.toString(),
                "WIDGET_source", WineFiles.RED.toAbsolutePath().toString(),
                "WIDGET_experiment", "notebook in R",
                "WIDGET_alpha", "0.5",
                "WIDGET_lambda", "0.5"));
    assertThat(printed)
        .contains("1599 wines, 1199 train, 240 are equal to an earlier one")
        .contains(
            "Elastic net model (alpha=0.5, lambda=0.5):", "  RMSE: 0.", "  MAE: 0.", "  R2: 0.");
    MlflowClient mlflow = new MlflowClient(SERVER.uri().toString());
    String experiment = mlflow.getExperimentByName("notebook in R").orElseThrow().getExperimentId();
    var runs = mlflow.listRunInfos(experiment);
    assertThat(runs).hasSize(4).allMatch(run -> run.getStatus().name().equals("FINISHED"));
    var byHand = runs.get(runs.size() - 1);
    assertThat(mlflow.getMetricHistory(byHand.getRunId(), "RMSE"))
        .extracting(metric -> metric.getValue())
        .containsExactly(2.0, 4.0, 6.0, 8.0, 1.0);
    Path stored = SERVER.artifacts().resolve(experiment);
    assertThat(stored.resolve(byHand.getRunId() + "/artifacts/output.txt"))
        .hasContent("The first file of the first run");
    assertThat(stored.resolve(runs.get(0).getRunId() + "/artifacts/model/MLmodel"))
        .content()
        .contains("crate:");
    assertPlots(folder, 2);
  }

  /** Every statement of a notebook with its answer; a widget's value goes where its name stands. */
  private Map<String, Dataset<Row>> sql(Path notebook, Map<String, Object> widgets)
      throws IOException {
    Map<String, Dataset<Row>> answers = new LinkedHashMap<>();
    StringBuilder printed = new StringBuilder();
    for (String cell : Files.readString(notebook).split("-- COMMAND ----------", -1)) {
      String statement =
          cell.lines()
              .filter(line -> !line.startsWith("--"))
              .collect(Collectors.joining("\n"))
              .strip()
              .replaceFirst(";$", "");
      if (statement.startsWith("CREATE WIDGET TEXT ")) {
        assertThat(widgets).containsKey(statement.split(" ", -1)[3]);
      } else if (!statement.isEmpty()) {
        Dataset<Row> answer = spark().sql(statement, widgets);
        answers.put(statement, answer);
        printed.append(statement).append("\n\n").append(List.of(answer.columns())).append('\n');
        answer.limit(20).collectAsList().forEach(row -> printed.append(row).append('\n'));
        printed.append('\n');
      }
    }
    Files.writeString(TARGET.resolve("notebooks/sql/output.txt"), printed);
    return answers;
  }

  private static Dataset<Row> answer(Map<String, Dataset<Row>> answers, String part) {
    return answers.entrySet().stream()
        .filter(entry -> entry.getKey().contains(part))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  private static void assertPlots(Path folder, int number) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.toString().endsWith(".png")))
          .hasSize(number)
          .allMatch(file -> file.toFile().length() > 3000);
    }
  }

  /** An empty folder for a notebook's files. */
  private static Path folder(String name) throws IOException {
    Path folder = TARGET.resolve("notebooks").resolve(name);
    if (Files.exists(folder)) {
      try (Stream<Path> old = Files.walk(folder)) {
        for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(folder);
  }

  private static String run(Path folder, List<String> command, Map<String, String> variables)
      throws Exception {
    return run(folder, command, variables, "");
  }

  private static String run(
      Path folder, List<String> command, Map<String, String> variables, String input)
      throws Exception {
    Path in = Files.writeString(folder.resolve("input.txt"), input);
    Path out = folder.resolve("output.txt");
    Path err = folder.resolve("errors.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(MLFLOW|DATABRICKS|SPARK|PYTHON)_.*"));
    environment.put("MLFLOW_TRACKING_URI", SERVER.uri().toString());
    environment.put("SPARK_SUBMIT_OPTS", PythonEnv.SHORT_LIVED);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    environment.putAll(variables);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String printed = Files.readString(out, UTF_8);
    assertThat(process.exitValue()).as(printed + Files.readString(err, UTF_8)).isZero();
    return printed;
  }
}
