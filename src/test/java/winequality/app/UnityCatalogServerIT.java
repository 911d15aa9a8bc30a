package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import winequality.MlflowServer;
import winequality.PythonEnv;
import winequality.SparkTest;
import winequality.UnityCatalogServer;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;
import winequality.mlflow.LocalFiles;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.MlflowException;
import winequality.mlflow.ModelVersion;
import winequality.mlflow.RegistryCalls;
import winequality.mlflow.Run;
import winequality.mlflow.VerifiedFolder;

/**
 * A real open-source Unity Catalog server as the registry: {@code mvn verify -Puc}. MLflow's Python
 * loads back what the job registered.
 */
@Tag("unity-catalog")
class UnityCatalogServerIT extends SparkTest {

  private static final Path SCRIPT = Path.of("src/test/resources/python/load_model.py");

  private static final UnityCatalogServer catalog = UnityCatalogServer.start();

  private final MlflowServer mlflow = MlflowServer.serving();
  private final String model = "main.ml.w" + UUID.randomUUID().toString().replace("-", "");

  @TempDir Path folder;

  @AfterAll
  static void stopCatalog() {
    catalog.close();
  }

  @Test
  void theJobsVersionsAreLoadedBackByPythonAndTheAliasGoesToTheNewest() throws IOException {
    JsonNode first = train("learning.reg-param=0.1");
    JsonNode second = train("learning.reg-param=0.2");
    assertThat(first.at("/status").asText()).isEqualTo("registered");
    assertThat(first.at("/model/version").asText()).isEqualTo("1");
    assertThat(first.at("/model/aliases").toString()).contains("challenger");
    assertThat(second.at("/model/version").asText()).isEqualTo("2");
    try (MlflowConnection connection = MlflowConnection.open(settings().mlflow())) {
      RegistryCalls registry = connection.registry();
      assertThat(registry.model(model).orElseThrow().aliases()).containsEntry("challenger", "2");
      assertThat(registry.version(model, "1").aliases()).doesNotContain("challenger");
      assertThat(registry.version(model, "1").tags()).containsKey("files_sha256");
      assertThat(registry.version(model, "2").description()).contains("RMSE");
    }
    Path rows = folder.resolve("rows.json");
    Files.writeString(
        rows,
        """
        {"columns": ["fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides",
          "free sulfur dioxide", "total sulfur dioxide", "density", "pH", "sulphates", "alcohol"],
         "data": [[7.4, 0.7, 0.0, 1.9, 0.076, 11.0, 34.0, 0.9978, 3.51, 0.56, 9.4]]}
        """);
    JsonNode byCatalog = load("models:/" + model + "/2", rows, catalog.registryUri());
    JsonNode byRun =
        load("runs:/" + second.at("/run_id").asText() + "/model", rows, mlflow.uri().toString());
    assertThat(byCatalog.at("/pyfunc/0").asDouble())
        .isBetween(3.0, 8.0)
        .isEqualTo(byRun.at("/pyfunc/0").asDouble());
    assertThat(byCatalog.at("/spark/0").asDouble()).isEqualTo(byRun.at("/spark/0").asDouble());
  }

  @Test
  void aliasesTagsAndDescriptionsLiveInTheVersionsAndNeitherLosesTheOthers() throws IOException {
    try (MlflowConnection connection = MlflowConnection.open(settings().mlflow())) {
      RegistryCalls registry = connection.registry();
      registry.ensureModel(model);
      registry.ensureModel(model);
      VerifiedFolder upload = upload(connection);
      for (String text : List.of("one", "two")) {
        registry.createVersion(model, upload, text, Map.of("k", text));
      }
      registry.setAlias(model, "champion", "1");
      registry.setAlias(model, "challenger", "2");
      registry.setAlias(model, "champion", "2");
      registry.setAlias(model, "champion", "2");
      assertThat(registry.model(model).orElseThrow().aliases())
          .containsOnly(Map.entry("champion", "2"), Map.entry("challenger", "2"));
      registry.setAlias(model, "champion", "1");
      registry.describe(model, "1", "[other]\n\ntext");
      registry.setTags(model, "1", Map.of("more", "ü"));
      registry.deleteTag(model, "1", "k");
      ModelVersion first = registry.version(model, "1");
      assertThat(first.aliases()).containsExactly("champion");
      assertThat(first.description()).isEqualTo("[other]\n\ntext");
      assertThat(first.tags()).containsOnly(Map.entry("more", "ü"));
      registry.deleteAlias(model, "champion");
      assertThat(registry.model(model).orElseThrow().aliases())
          .containsOnly(Map.entry("challenger", "2"));
      assertThat(registry.versionOf(model, upload).orElseThrow().version()).isEqualTo("2");
      // from the catalog's own folder: the local files and those of the run play no part
      Files.delete(folder.resolve("files/b"));
      VerifiedFolder fetched =
          connection
              .downloadKept(registry.version(model, "2"), folder.resolve("fetched"))
              .orElseThrow();
      assertThat(fetched.digest()).isEqualTo(upload.digest());
      assertThat(fetched.uri()).isEqualTo(upload.uri());
      assertThat(folder.resolve("fetched/b")).hasContent("b");
      registry.delete(model, "2");
      registry.delete(model, "2");
      assertThat(registry.versions(model)).extracting(ModelVersion::version).containsExactly("1");
      assertThat(registry.find(model, "2")).isEmpty();
      assertThat(registry.model("main.ml.nobody")).isEmpty();
    }
  }

  @Test
  void aVersionWhoseFilesDoNotArriveIsTakenBack() throws IOException {
    try (MlflowConnection connection = MlflowConnection.open(settings().mlflow())) {
      RegistryCalls registry = connection.registry();
      registry.ensureModel(model);
      VerifiedFolder upload = upload(connection);
      Files.delete(folder.resolve("files/b"));
      assertThatThrownBy(() -> registry.createVersion(model, upload, "", Map.of()))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("bring the files of version 1 of " + model);
      assertThat(registry.versions(model)).isEmpty();
      Files.writeString(folder.resolve("files/b"), "b");
      ModelVersion whole = registry.createVersion(model, upload, "", Map.of());
      assertThat(whole.status()).isEqualTo(ModelVersion.Status.READY);
    }
  }

  private VerifiedFolder upload(MlflowConnection connection) throws IOException {
    Path files = Files.createDirectories(folder.resolve("files"));
    Files.writeString(files.resolve("MLmodel"), "text");
    Files.writeString(files.resolve("b"), "b");
    String experiment = connection.tracking().createExperiment("uc-" + UUID.randomUUID()).id();
    Run run =
        connection
            .tracking()
            .createRun(experiment, "n", Instant.now(), UUID.randomUUID().toString(), Map.of());
    return connection.artifacts(run).uploadVerified(LocalFiles.at(files), "model");
  }

  private JsonNode load(String uri, Path rows, String registry) throws IOException {
    String printed =
        PythonEnv.run(
            SCRIPT, Duration.ofMinutes(5), uri, rows.toString(), mlflow.uri().toString(), registry);
    List<String> lines = printed.lines().toList();
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }

  private Settings settings(String... more) {
    List<String> texts =
        new ArrayList<>(
            List.of(
                "mlflow.tracking-uri=" + mlflow.uri(),
                "mlflow.registry-uri=" + catalog.registryUri(),
                "registry.model-name=" + model,
                "data.table=" + folder.resolve("tables/wine"),
                "data.quarantine-table=" + folder.resolve("tables/quarantine"),
                "data.profile-table=" + folder.resolve("tables/profiles")));
    texts.addAll(List.of(more));
    List<Assignment> assignments = new ArrayList<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      assignments.add(
          new Assignment("--set " + text, text.substring(0, equals), text.substring(equals + 1)));
    }
    return new SettingsLoader().load(new SettingsSource(Optional.empty(), assignments, Map.of()));
  }

  private JsonNode train(String... more) throws IOException {
    JobReport report = new JobReport();
    try (StageMeter meter = new StageMeter(spark())) {
      report.ended(
          TrainingJob.job()
              .run(
                  new JobContext(
                      settings(more),
                      spark(),
                      meter,
                      report,
                      Clock.systemUTC(),
                      UUID.randomUUID().toString(),
                      TrainingJob.class.getName())));
    }
    Path file = folder.resolve("result.json");
    report.write(file);
    return new ObjectMapper().readTree(Files.readAllBytes(file));
  }
}
