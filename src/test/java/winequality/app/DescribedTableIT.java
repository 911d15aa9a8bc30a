package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.tracking.MlflowClient;
import testing.MlflowServer;
import testing.SparkTest;
import winequality.app.job.JobReport;
import winequality.app.job.SparkJob;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;
import winequality.data.WineFiles;
import winequality.data.describe.TableDescriber;

/** A table of another kind, from its draft to scores, against a real MLflow server. */
class DescribedTableIT extends SparkTest {

  private static final List<String> CITIES = List.of("Bonn", "Köln", "Trier");

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final String model = "flats_" + UUID.randomUUID().toString().replace('-', '_');
  private final Random random = new Random(4);

  @Test
  void aDraftTrainsTunesScoresReproducesAndWaitsAtANewLevel() throws Exception {
    Path source = Files.createDirectory(folder.resolve(model));
    WineFiles.write(source.resolve("one.csv"), flats(300, CITIES));
    String draft =
        new TableDescriber(spark(), 0.05).describe(source.toString(), Optional.of("rent"));
    assertThat(draft)
        .contains(
            "{ name = \"city\", unit = \"\", kind = category, levels = [\"Bonn\", \"Köln\", \"Trier\"] }")
        .contains("missing = mean }")
        .contains("# \"id\" is left out: it numbers the rows");
    // what a person adds to it: the weight, and levels that are found in the table
    String described =
        draft
            .replaceAll("\\{ name = \"w\".*", "{ name = w, kind = weight }")
            .replaceAll("missing = mean \\}", "missing = mean, missing-indicator = true }")
            .replaceAll("levels = \\[\"Bonn.*", "}")
            .replace("kind = category, }", "kind = category }");
    Path file = WineFiles.write(folder.resolve("flats.conf"), described);

    JsonNode tuned = run(file, new TuningJob());
    assertThat(tuned.at("/status").asText()).isEqualTo("registered");
    assertThat(tuned.at("/gate/decision").asText()).isEqualTo("promoted");
    // the two libraries agree on the form of the pipeline only if there is a graph
    assertThat(
            new MlflowClient(server.uri().toString())
                .sendGet("artifacts/list?path=model&run_id=" + tuned.get("run_id").asText()))
        .contains("model/model.onnx", "model/sparkml");
    assertThat(tuned.at("/rows/quarantined").asLong()).isZero();
    assertThat(names(tuned.get("coefficients")))
        .containsExactlyInAnyOrder(
            "area", "year", "year missing", "city=Köln", "city=Trier", "kind=loft", "kind unknown");
    // the truth: 10 a square metre, 150 more in Köln, 80 less for a loft
    assertThat(tuned.at("/coefficients/area").asDouble()).isBetween(9.0, 11.0);
    assertThat(tuned.at("/coefficients/city=Köln").asDouble()).isBetween(120.0, 180.0);
    assertThat(tuned.at("/coefficients/kind=loft").asDouble()).isBetween(-110.0, -50.0);

    assertThat(run(file, new RetrainingJob(), "retraining.tune=true").at("/status").asText())
        .isEqualTo("skipped");
    assertThat(run(file, reproduction()).at("/status").asText()).isEqualTo("reproduced");

    WineFiles.write(
        folder.resolve("new.csv"),
        "city;kind;year;area",
        "Köln;loft;1999;80",
        "Bonn;;;50",
        "Ulm;flat;2001;60",
        "Trier;castle;NA;70");
    JsonNode scored =
        run(
            file,
            new BatchScoringJob(),
            "scoring.source=" + folder.resolve("new.csv"),
            "scoring.max-rejected-fraction=0.5");
    assertThat(scored.at("/rows/accepted").asLong()).isEqualTo(3);
    assertThat(scored.at("/scoring/rejected_by_rule/city-unknown-level").asLong()).isEqualTo(1);
    Dataset<Row> predictions =
        spark()
            .read()
            .format("delta")
            .load(folder.resolve("tables/" + model + "_predictions").toString());
    assertThat(
            predictions.orderBy("area").select("prediction").collectAsList().stream()
                .map(row -> row.getDouble(0)))
        .allMatch(Double::isFinite)
        .hasSize(3);

    // the champion refuses rows of the new city, so a person has to decide
    WineFiles.write(source.resolve("two.csv"), flats(100, List.of("Bonn", "Köln", "Trier", "Ulm")));
    JsonNode retrained = run(file, new RetrainingJob(), "data.mode=append");
    assertThat(retrained.at("/status").asText()).isEqualTo("registered");
    assertThat(retrained.at("/gate/decision").asText()).isEqualTo("awaiting-approval");
    assertThat(retrained.at("/gate/summary").asText()).contains("city=Ulm");
    assertThat(names(retrained.get("coefficients"))).contains("city=Ulm");
  }

  @Test
  void namesThatAreMarkupPathsOrControlCharactersAreOnlyText() throws Exception {
    List<String> names =
        List.of(
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))|*b*",
            "..\\\\..\\\\up/../%2e%2e",
            "c\\u0001\\u0007\\u001b[31m\\u009b",
            "left\\u202eright",
            "x'; DROP TABLE wine;--",
            "L".repeat(10_000));
    String label = "<svg onload=alert(2)>";
    List<String> levels = List.of("<b>x</b>", "../../y", "${user.name}", "it's\\\\");
    StringBuilder columns = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      columns.append(
          "{ name = \"%s\", header = h%d, unit = \"%s\", source = \"%s\" }\n"
              .formatted(names.get(i).replace('.', '-'), i, names.get(i), names.get(i)));
    }
    Path file =
        WineFiles.write(
            folder.resolve("names.conf"),
            """
            dataset { name = "<script>|[x](javascript:alert(3))", label = "%s", columns = [
              %s
              { name = "%s", header = y }
              { name = level, kind = category, levels = ["%s"] } ] }
            """
                .formatted(label, columns, label, String.join("\", \"", levels)));
    List<String> lines = new ArrayList<>(List.of("h0;h1;h2;h3;h4;h5;h6;h7;y;level"));
    for (int i = 0; i < 200; i++) {
      StringBuilder line = new StringBuilder();
      for (int j = 0; j <= names.size(); j++) {
        line.append("%.3f;".formatted(random.nextGaussian()));
      }
      lines.add(line + levels.get(i % 4).replace("\\\\", "\\"));
    }
    Path source = WineFiles.write(folder.resolve("names.csv"), lines);

    JsonNode trained =
        run(
            file,
            new TrainingJob(),
            "data.source=" + source,
            "mlflow.experiment-name=" + model,
            "registry.model-name=" + model,
            "data.table=" + folder.resolve("tables/flats"),
            "data.quarantine-table=" + folder.resolve("tables/bad"),
            "data.files-table=" + folder.resolve("tables/files"),
            "data.profile-table=" + folder.resolve("tables/profiles"));

    assertThat(trained.at("/status").asText()).isEqualTo("registered");
    assertThat(trained.at("/rows/accepted").asLong()).isEqualTo(200);
    assertThat(
            spark()
                .read()
                .format("delta")
                .load(folder.resolve("tables/flats").toString())
                .columns())
        .contains("<script>alert(1)</script>", "c\u0001\u0007\u001b[31m\u009b", label);
    Path artifacts =
        server
            .artifacts()
            .resolve(trained.at("/experiment_id").asText())
            .resolve(trained.at("/run_id").asText())
            .resolve("artifacts");
    try (Stream<Path> files = Files.walk(artifacts)) {
      assertThat(files.filter(Files::isRegularFile))
          .allMatch(each -> artifacts.relativize(each).toString().matches("[\\w./-]+"));
    }
    assertThat(Files.readString(artifacts.resolve("report.html")))
        .contains("&lt;script&gt;alert(1)", "c\\u0001\\u0007\\u001b[31m\\u009b", "left\\u202eright")
        .doesNotContain("<script", "<img src=x", "<svg onload", "\u0001", "\u001b", "\u202e");
    MlflowClient client = new MlflowClient(server.uri().toString());
    String note =
        client.getRun(trained.at("/run_id").asText()).getData().getTagsList().stream()
            .filter(tag -> tag.getKey().equals("mlflow.note.content"))
            .findFirst()
            .orElseThrow()
            .getValue();
    assertThat(note)
        .contains(
            "**&lt;svg onload=alert(2)&gt;** of the &lt;script&gt;\\|\\[x\\](javascript:alert(3))")
        .doesNotContain("<script", "<svg");
    assertThat(client.getModelVersion(model, "1").getDescription()).doesNotContain("<s", "[x]");
  }

  private static SparkJob reproduction() {
    ReproductionJob job = new ReproductionJob();
    new picocli.CommandLine(job).parseArgs("--version", "champion");
    return job;
  }

  private JsonNode run(Path file, SparkJob job, String... more) {
    List<Assignment> assignments =
        Stream.concat(
                Stream.of(
                    "mlflow.tracking-uri=" + server.uri(),
                    "data.state-dir=" + folder,
                    "tuning.path-length=20",
                    "tuning.elastic-net-params=[0.5]",
                    "tuning.child-runs=none",
                    "metrics.bootstrap.replicates=300"),
                Stream.of(more))
            .map(text -> text.split("=", 2))
            .map(pair -> new Assignment("--set " + pair[0], pair[0], pair[1]))
            .toList();
    Settings settings =
        new SettingsLoader().load(new SettingsSource(Optional.of(file), assignments, Map.of()));
    JobReport report = new JobReport();
    JobRuns.run(job, TrainingJob.class, spark(), report, settings);
    return JobRuns.json(report, folder);
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private List<String> flats(int rows, List<String> cities) {
    List<String> lines = new ArrayList<>(List.of("id;city;kind;year;area;w;rent"));
    for (int i = 1; i <= rows; i++) {
      String city = cities.get(i % cities.size());
      String kind = i % 17 == 0 ? "" : i % 3 == 0 ? "loft" : "flat";
      int area = 30 + random.nextInt(90);
      double rent =
          10.0 * area
              + (city.equals("Köln") ? 150 : 0)
              - (kind.equals("loft") ? 80 : 0)
              + 20 * random.nextGaussian();
      lines.add(
          "%d;%s;%s;%s;%d;%d;%s"
              .formatted(i, city, kind, i % 11 == 0 ? "NA" : 1950 + i % 70, area, i / 3 % 3, rent));
    }
    return lines;
  }
}
