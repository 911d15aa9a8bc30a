package sparkmlflow.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.TestSettings;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.tracking.LoggedModels;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import testing.MlflowServer;
import winequality.gate.TestRegistrySettings;

/** Versions, their files and their aliases on a real MLflow server. */
class VersionFetcherIT {

  private final String name = "wine's " + UUID.randomUUID();
  private final Path folder;

  VersionFetcherIT(@TempDir Path folder) {
    this.folder = folder;
  }

  private MlflowConnection open(URI server) {
    return MlflowConnection.open(TestSettings.of(server));
  }

  private Run run(MlflowConnection connection) {
    String experiment = connection.tracking().createExperiment(UUID.randomUUID().toString()).id();
    return connection
        .tracking()
        .createRun(experiment, "", Instant.now(), UUID.randomUUID().toString(), Map.of("t", "1"));
  }

  private VerifiedFolder upload(MlflowConnection connection, Run run) throws IOException {
    Path local = Files.createDirectories(folder.resolve("local").resolve(run.id()));
    Files.createDirectories(local.resolve("sparkml/stages/0_a b"));
    Files.writeString(local.resolve("MLmodel"), "flavors: {}");
    Files.writeString(local.resolve("sparkml/stages/0_a b/part-0 ü%.txt"), "0123456789");
    Files.createFile(local.resolve("sparkml/_SUCCESS"));
    return connection.artifacts(run).uploadVerified(LocalFiles.at(local), "model");
  }

  /** The same files as those of a logged model. */
  private VerifiedFolder ofModel(MlflowConnection connection, Run run, VerifiedFolder upload) {
    LoggedModels models = connection.loggedModels().orElseThrow();
    LoggedModels.LoggedModel model = models.ofRun(run, "u", "model", Map.of()).orElseThrow();
    connection.files(models, model).upload(upload.files(), "");
    return upload.at(LoggedModels.uri(model.id()));
  }

  private ModelVersion register(MlflowConnection connection, VerifiedFolder upload) {
    String number =
        new ModelRegistrar(connection.registry(), TestRegistrySettings.named(name), pause -> {})
            .register(upload, "# One", Map.of("rmse", "0.6"))
            .version();
    return connection.registry().version(name, number);
  }

  private void comesBackAsItWasRegistered(MlflowServer server, boolean model) throws IOException {
    try (MlflowConnection connection = open(server.uri())) {
      Run run = run(connection);
      connection.tracking().logParams(run.id(), Map.of("alpha", "0.5"));
      connection
          .tracking()
          .logMetrics(
              run.id(),
              List.of(
                  new MetricPoint("rmse", 2.0, 0, Instant.EPOCH),
                  new MetricPoint("rmse", 1.0, 1, Instant.EPOCH)));
      connection.tracking().endRun(run.id(), RunStatus.FINISHED, Instant.now());
      VerifiedFolder ofRun = upload(connection, run);
      VerifiedFolder sent = model ? ofModel(connection, run, ofRun) : ofRun;
      ModelVersion version = register(connection, sent);

      FetchedVersion fetched =
          new VersionFetcher(connection).fetch(version, folder.resolve("fetched"));

      assertThat(fetched.files().digest()).isEqualTo(sent.digest());
      assertThat(folder.resolve("fetched/sparkml/stages/0_a b/part-0 ü%.txt"))
          .hasContent("0123456789");
      assertThat(folder.resolve("fetched/sparkml/_SUCCESS")).isEmptyFile();
      Run origin = new VersionFetcher(connection).run(fetched.version(), "test");
      assertThat(origin.params()).isEqualTo(Map.of("alpha", "0.5"));
      assertThat(origin.metrics()).isEqualTo(Map.of("rmse", 1.0));
      assertThat(origin.tags()).containsEntry("t", "1");
    }
  }

  @ParameterizedTest(name = "of a logged model: {0}")
  @ValueSource(booleans = {false, true})
  void aVersionComesBackThroughTheProxyAsItWasRegistered(boolean model) throws IOException {
    comesBackAsItWasRegistered(MlflowServer.serving(), model);
  }

  @ParameterizedTest(name = "of a logged model: {0}")
  @ValueSource(booleans = {false, true})
  void aVersionComesBackFromASharedFolderAsItWasRegistered(boolean model) throws IOException {
    comesBackAsItWasRegistered(MlflowServer.sharingFolder(), model);
  }

  @ParameterizedTest(name = "of a logged model: {0}")
  @ValueSource(booleans = {false, true})
  void whateverHappensToAFileIsSeen(boolean model) throws IOException {
    MlflowServer server = MlflowServer.serving();
    try (MlflowConnection connection = open(server.uri())) {
      Run run = run(connection);
      VerifiedFolder upload = upload(connection, run);
      if (model) {
        upload = ofModel(connection, run, upload);
      }
      ModelVersion version = register(connection, upload);
      String place =
          LoggedModels.idIn(version.source())
              .map(id -> "/models/" + id + "/artifacts")
              .orElse("/" + run.id() + "/artifacts/model");
      Path stored = server.artifacts().resolve(run.experimentId() + place);
      Path part = stored.resolve("sparkml/stages/0_a b/part-0 ü%.txt");

      Files.writeString(part, "0123456_89");
      refused(connection, version, "are not those that were registered");
      Files.writeString(part, "0123");
      refused(connection, version, "are not those that were registered");
      Files.delete(part);
      refused(connection, version, "are not those that were registered");
      Files.delete(stored.resolve("MLmodel"));
      refused(connection, version, "there is no MLmodel");
      Files.delete(stored.resolve("sparkml/_SUCCESS"));
      refused(connection, version, "lists no file under");
    }
  }

  private void refused(MlflowConnection connection, ModelVersion version, String why) {
    assertThatThrownBy(
            () ->
                new VersionFetcher(connection)
                    .fetch(version, folder.resolve(UUID.randomUUID().toString())))
        .isInstanceOf(DamagedFilesException.class)
        .hasMessageContaining(why);
  }

  /** As {@code copy_model_version} of MLflow's client makes them, with the tags of the original. */
  @Test
  void aCopyIsReadFromItsOriginalAndNotTakenForIt() throws IOException {
    try (MlflowConnection connection = open(MlflowServer.serving().uri())) {
      RegistryCalls registry = connection.registry();
      VerifiedFolder sent = upload(connection, run(connection));
      ModelVersion version = register(connection, sent);
      String other = name + " copy";
      registry.ensureModel(other);
      ModelVersion copy =
          registry.createVersion(
              other, sent.at("models:/" + name + "/" + version.version()), "", version.tags());

      assertThat(registry.versionOf(other, sent)).isEmpty();
      assertThat(
              new VersionFetcher(connection).fetch(copy, folder.resolve("copy")).files().digest())
          .isEqualTo(sent.digest());
      registry.delete(name, version.version());
      refused(connection, copy, "it is a copy of version 1 of " + name + ", which was deleted");
    }
  }

  @Test
  void versionsAliasesTagsStagesAndTextsAreChangedAndRead() throws IOException {
    try (MlflowConnection connection = open(MlflowServer.serving().uri())) {
      RegistryCalls registry = connection.registry();
      assertThat(registry.model(name)).isEmpty();
      assertThat(registry.versions(name)).isEmpty();
      for (int i = 0; i < 3; i++) {
        register(connection, upload(connection, run(connection)));
      }
      assertThat(registry.versions(name).stream().map(ModelVersion::version))
          .containsExactly("3", "2", "1");
      assertThat(registry.find(name, "4")).isEmpty();

      registry.setAlias(name, "champion", "2");
      registry.setTags(name, "2", Map.of("gate", "promoted", "reason", "ä '\" \n|"));
      registry.describe(name, "2", "# Two\n\n| a |\n|---|");
      ModelVersion two = registry.version(name, "2");
      assertThat(two.aliases()).containsExactly("champion");
      assertThat(two.tags())
          .containsEntry("gate", "promoted")
          .containsEntry("reason", "ä '\" \n|")
          .containsEntry("rmse", "0.6");
      assertThat(two.description()).isEqualTo("# Two\n\n| a |\n|---|");
      assertThat(registry.model(name).orElseThrow().aliases())
          .isEqualTo(Map.of("champion", "2", "challenger", "3"));

      registry.deleteAlias(name, "champion");
      registry.deleteAlias(name, "champion");
      assertThat(registry.version(name, "2").aliases()).isEmpty();

      registry.setModelTag(name, "previous", "1");
      assertThat(registry.model(name).orElseThrow().tags()).containsEntry("previous", "1");
      registry.deleteModelTag(name, "previous");
      registry.deleteModelTag(name, "previous");
      assertThat(registry.model(name).orElseThrow().tags()).isEmpty();

      registry.moveToStage(name, "1", "Production");
      registry.moveToStage(name, "2", "Production");
      assertThat(registry.version(name, "1").stage()).isEqualTo("Archived");
      assertThat(registry.version(name, "2").stage()).isEqualTo("Production");
      registry.moveToStage(name, "2", "Archived");
      assertThat(registry.version(name, "2").stage()).isEqualTo("Archived");

      registry.delete(name, "2");
      registry.delete(name, "2");
      assertThat(registry.versions(name).stream().map(ModelVersion::version))
          .containsExactly("3", "1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/model, registered from s3://bucket/model without a run",
    "models:/other/7, it is a copy of version 7 of other",
    "models:/a b, registered from models:/a b without a run",
    "models:/m-7, its logged model m-7 was deleted",
  })
  void aVersionOfOtherFilesIsRefused(String source, String why) {
    try (MlflowConnection connection = open(MlflowServer.serving().uri())) {
      refused(
          connection,
          new ModelVersion(
              name,
              "1",
              ModelVersion.Status.READY,
              "",
              List.of(),
              "None",
              source,
              "",
              "",
              Map.of(),
              Instant.EPOCH),
          why);
    }
  }
}
