package sparkmlflow.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.ScriptedServer;
import sparkmlflow.TestSettings;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.databricks.SignedArtifactStore;
import sparkmlflow.databricks.StandInUnityCatalog;
import sparkmlflow.databricks.StandInWorkspace;
import sparkmlflow.databricks.StandInWorkspace.Feature;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.tracking.Experiment;

class WorkspaceRegistriesTest {

  private static final String MODEL = "main.ml.wine";
  private static final PartSizes SMALL = new PartSizes(4, 8, 8, 100);

  private final Path folder;

  WorkspaceRegistriesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static MlflowConnection open(StandInWorkspace workspace, String registry) {
    return MlflowConnection.open(
        TestSettings.workspace("databricks", registry, workspace.login()),
        new Configuration(false),
        pause -> {},
        SMALL,
        workspace.buckets().hosts());
  }

  private VerifiedFolder upload(MlflowConnection connection) throws IOException {
    Path source = Files.createDirectories(folder.resolve("source/sparkml"));
    Files.writeString(source.resolve("a b%.txt"), "0123456789");
    Files.writeString(source.resolve("_SUCCESS"), "");
    Files.writeString(folder.resolve("source/MLmodel"), "tiny");
    Experiment experiment = connection.tracking().createExperiment("/Shared/wine");
    return connection
        .artifacts(
            connection.tracking().createRun(experiment.id(), "n", Instant.EPOCH, "key", Map.of()))
        .uploadVerified(LocalFiles.at(folder.resolve("source")), "model");
  }

  /** Every way of a run's files with every way of a version's. */
  static Stream<Arguments> ways() {
    return Stream.of(
            List.of(Feature.MODELS_IN_FILES_API),
            List.of(Feature.DEFAULT_STORAGE),
            List.of(Feature.AWS_BUCKET),
            List.of(Feature.GOOGLE_BUCKET),
            List.<Feature>of())
        .flatMap(
            catalog ->
                Stream.concat(
                    Stream.of(
                        Arguments.of(
                            "AWS_PRESIGNED_URL",
                            Stream.concat(catalog.stream(), Stream.of(Feature.FILES_API))
                                .toList())),
                    Stream.of(SignedArtifactStore.Kind.values())
                        .map(kind -> Arguments.of(kind.name(), catalog))));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aVersionOfUnityCatalogIsWholeBeforeItIsFinalisedAndThenHasItsAlias(
      String kind, List<Feature> features) throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace(kind, features.toArray(new Feature[0]));
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      RegistryCalls registry = connection.registry();
      registry.ensureModel(MODEL);
      ModelVersion version =
          registry.createVersion(MODEL, upload, "text", Map.of("files", upload.digest()));
      registry.setAlias(MODEL, "challenger", version.version());

      ModelVersion now = registry.version(MODEL, version.version());
      assertThat(now.status()).isEqualTo(ModelVersion.Status.READY);
      assertThat(now.aliases()).containsExactly("challenger");
      assertThat(now.tags()).containsEntry("files", upload.digest());
      assertThat(now.source()).isEqualTo(upload.uri());
      assertThat(registry.model(MODEL).orElseThrow().aliases()).containsEntry("challenger", "1");
      assertThat(registry.url(MODEL, "1"))
          .isEqualTo(workspace.uri() + "/explore/data/models/main/ml/wine/version/1");

      String root = StandInUnityCatalog.folder(MODEL, "1") + "/";
      assertThat(workspace.files().keySet().stream().filter(path -> path.startsWith("/Models/")))
          .containsExactlyInAnyOrder(
              root + "MLmodel", root + "sparkml/_SUCCESS", root + "sparkml/a b%.txt");
      assertThat(workspace.files().get(root + "sparkml/a b%.txt"))
          .asString()
          .isEqualTo("0123456789");
      List<String> log = StandInWorkspace.log(workspace.requests());
      assertThat(log.stream().filter(line -> line.contains("/unity-catalog/model-versions/")))
          .extracting(line -> line.replaceAll(".*unity-catalog/|\\?.*", ""))
          .containsSubsequence(
              "model-versions/create", "model-versions/finalize", "model-versions/get");
      assertThat(workspace.storageRequests())
          .allSatisfy(
              request ->
                  assertThat(request.headers().toString() + request.query())
                      .doesNotContain(TestSettings.TOKEN));
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aVersionOfTheOlderRegistryPointsToTheRunAndMovesThroughStages(
      String kind, List<Feature> features) throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace(kind, features.toArray(new Feature[0]));
        MlflowConnection connection = open(workspace, "databricks")) {
      VerifiedFolder upload = upload(connection);
      RegistryCalls registry = connection.registry();
      assertThat(registry.kind()).isEqualTo(RegistryKind.DATABRICKS_WORKSPACE);
      registry.ensureModel("wine");
      ModelVersion first = registry.createVersion("wine", upload, "text", Map.of("k", "v"));
      assertThat(first.status()).isEqualTo(ModelVersion.Status.PENDING);
      assertThat(registry.version("wine", "1").status()).isEqualTo(ModelVersion.Status.PENDING);
      assertThat(registry.version("wine", "1").status()).isEqualTo(ModelVersion.Status.READY);
      registry.moveToStage("wine", "1", "Production");
      registry.createVersion("wine", upload, "text", Map.of());
      registry.moveToStage("wine", "2", "Production");
      assertThat(registry.version("wine", "1").stage()).isEqualTo("Archived");
      assertThat(registry.version("wine", "2").stage()).isEqualTo("Production");
      assertThat(registry.versionOf("wine", upload).orElseThrow().version()).isEqualTo("2");
      assertThat(registry.url("wine", "1"))
          .isEqualTo(workspace.uri() + "/#mlflow/models/wine/versions/1");
      assertThatThrownBy(() -> registry.setAlias("wine", "champion", "1"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("stages and no aliases");
      assertThat(StandInWorkspace.log(workspace.requests()))
          .noneMatch(line -> line.contains("registered-models/alias"))
          .noneMatch(line -> line.contains("unity-catalog"));
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aVersionWhoseFilesAreNotAllListedIsTakenBackAndNeverFinalised(
      String kind, List<Feature> features) throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace(kind, features.toArray(new Feature[0]));
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      RegistryCalls registry = connection.registry();
      registry.ensureModel(MODEL);
      workspace.storage().lose("/MLmodel");
      assertThatThrownBy(() -> registry.createVersion(MODEL, upload, "", Map.of()))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("MLmodel is missing")
          .hasMessageContaining("The version is deleted");
      assertThat(workspace.catalog().versions(MODEL)).isEmpty();
      assertThat(StandInWorkspace.log(workspace.requests()))
          .noneMatch(line -> line.contains("finalize"))
          .anyMatch(line -> line.startsWith("DELETE ") && line.contains("model-versions/delete"));
    }
  }

  /** The ways of a version's files. */
  static Stream<List<Feature>> catalogWays() {
    return Stream.of(
        List.of(Feature.MODELS_IN_FILES_API),
        List.of(Feature.DEFAULT_STORAGE),
        List.of(Feature.AWS_BUCKET),
        List.of(Feature.GOOGLE_BUCKET),
        List.of());
  }

  @ParameterizedTest
  @MethodSource("catalogWays")
  void aVersionOfUnityCatalogIsFetchedFromTheCatalogWithoutItsRun(List<Feature> features)
      throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("GCP_SIGNED_URL", features.toArray(new Feature[0]));
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      ModelVersion version = connection.registry().createVersion(MODEL, upload, "", Map.of());
      workspace.files().keySet().removeIf(path -> path.startsWith(StandInWorkspace.folder("r1")));
      int before = workspace.requests().size();
      int storedBefore = workspace.storageRequests().size();
      // the one address that storage was given first has ended meanwhile
      workspace.storage().endSignatures(1);
      workspace.buckets().endLogins(1);

      VerifiedFolder fetched =
          connection
              .downloadKept(
                  connection.registry().version(MODEL, version.version()),
                  folder.resolve("fetched"))
              .orElseThrow();
      assertThat(fetched.digest()).isEqualTo(upload.digest());
      assertThat(fetched.uri()).isEqualTo(upload.uri());
      assertThat(fetched.runId()).isEqualTo("r1");
      assertThat(fetched.artifactPath()).isEqualTo("model");
      assertThat(folder.resolve("fetched/sparkml/a b%.txt")).hasContent("0123456789");
      List<ScriptedServer.Request> asked =
          workspace.requests().subList(before, workspace.requests().size());
      assertThat(StandInWorkspace.log(asked))
          .noneMatch(line -> line.contains("runs/get"))
          .noneMatch(line -> line.contains("/artifacts/"));
      assertThat(asked.toString()).doesNotContain("READ_WRITE");
      assertThat(workspace.storageRequests().stream().skip(storedBefore))
          .allSatisfy(
              request ->
                  assertThat(request.headers().toString() + request.query())
                      .doesNotContain(TestSettings.TOKEN));
    }
  }

  @ParameterizedTest
  @MethodSource("catalogWays")
  void aVersionWhoseFilesTheCatalogHasLostIsDamaged(List<Feature> features) throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("GCP_SIGNED_URL", features.toArray(new Feature[0]));
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      connection.registry().createVersion(MODEL, upload, "", Map.of());
      workspace.files().keySet().removeIf(path -> path.startsWith("/Models/"));
      ModelVersion version = connection.registry().version(MODEL, "1");
      assertThatThrownBy(() -> connection.downloadKept(version, folder.resolve("fetched")))
          .isInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("version 1 of " + MODEL)
          .hasMessageContaining("lists no file");
    }
  }

  @Test
  void whereTheJobDoesNotSpeakTheCatalogsCloudTheRunsFilesAreTaken() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("AWS_PRESIGNED_URL");
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      connection.registry().createVersion(MODEL, upload, "", Map.of());
      workspace.catalog().vend("login_of_another_cloud");
      ModelVersion version = connection.registry().version(MODEL, "1");
      assertThat(connection.downloadKept(version, folder.resolve("fetched"))).isEmpty();
      assertThat(folder.resolve("fetched")).doesNotExist();
    }
  }

  @Test
  void aVersionThatCannotBeFinalisedIsTakenBack() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("GCP_SIGNED_URL", Feature.MODELS_IN_FILES_API);
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      workspace.catalog().refuseToFinalize();
      assertThatThrownBy(() -> connection.registry().createVersion(MODEL, upload, "", Map.of()))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("finalise version 1 of " + MODEL)
          .hasMessageContaining("INVALID_STATE");
      assertThat(workspace.catalog().versions(MODEL)).isEmpty();
    }
  }

  @Test
  void whatAnEndedJobLeftHalfMadeIsReplacedAndAWholeVersionIsFoundAgain() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("GCP_SIGNED_URL", Feature.MODELS_IN_FILES_API);
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      RegistryCalls registry = connection.registry();
      registry.ensureModel(MODEL);
      workspace.catalog().leaveHalfMade(MODEL, upload);
      assertThat(registry.versionOf(MODEL, upload)).isEmpty();
      registry.createVersion(MODEL, upload, "", Map.of());
      assertThat(workspace.catalog().versions(MODEL).values())
          .singleElement()
          .satisfies(version -> assertThat(version.path("status").asText()).isEqualTo("READY"));
      assertThat(registry.versionOf(MODEL, upload)).isPresent();
    }
  }

  @Test
  void everyPageOfTheSearchIsReadAndEachVersionHasItsTags() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("GCP_SIGNED_URL", Feature.MODELS_IN_FILES_API);
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      RegistryCalls registry = connection.registry();
      registry.ensureModel(MODEL);
      for (String tag : List.of("one", "two", "three")) {
        registry.createVersion(MODEL, upload, "", Map.of("tag", tag));
      }
      assertThat(registry.versions(MODEL))
          .extracting(ModelVersion::version, version -> version.tags().get("tag"))
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("3", "three"),
              org.assertj.core.groups.Tuple.tuple("2", "two"),
              org.assertj.core.groups.Tuple.tuple("1", "one"));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Feature.class,
      names = {"AWS_BUCKET", "GOOGLE_BUCKET"})
  void aBucketThatRefusesFreshLoginsTooIsReportedWithoutThem(Feature bucket) throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("GCP_SIGNED_URL", bucket);
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      workspace.buckets().endLogins(1000);
      MlflowException failure =
          catchThrowableOfType(
              MlflowException.class,
              () -> connection.registry().createVersion(MODEL, upload, "", Map.of()));
      // the stand-in's answer repeats what it was sent
      assertThat(failure).hasMessageContaining("ExpiredToken").hasMessageContaining("****");
      assertThat(failure.toString()).doesNotContain("nobody");
      assertThat(workspace.catalog().versions(MODEL)).isEmpty();
    }
  }

  @Test
  void aReasonThatIsTooLongForATagOfTheCatalogIsCut() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("GCP_SIGNED_URL", Feature.MODELS_IN_FILES_API);
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      String reason = "ä".repeat(3000);
      connection.registry().createVersion(MODEL, upload, "", Map.of("first", reason));
      connection.registry().setTags(MODEL, "1", Map.of("gate_reasons", reason));
      Map<String, String> tags = connection.registry().version(MODEL, "1").tags();
      assertThat(tags.get("gate_reasons")).isEqualTo("ä".repeat(498) + "...");
      assertThat(tags.get("first")).isEqualTo("ä".repeat(498) + "...");
    }
  }

  /** A copy brings the tags that people have set in the other registry. */
  @Test
  void tagsOfOtherPeopleAreCalledWhatTheCatalogTakes() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("GCP_SIGNED_URL", Feature.MODELS_IN_FILES_API);
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      Map<String, String> tags = new LinkedHashMap<>();
      tags.put("team.owner", "ann");
      tags.put("team_owner", "wines");
      tags.put("validation-status", "good");
      connection.registry().createVersion(MODEL, upload, "", tags);
      assertThat(connection.registry().version(MODEL, "1").tags())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("team_owner", "wines", "validation_status", "good"));
      connection.registry().setTags(MODEL, "1", Map.of("a:b=c/d,e", "1", "team_owner", "vines"));
      assertThat(connection.registry().version(MODEL, "1").tags())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("team_owner", "vines", "validation_status", "good", "a_b_c_d_e", "1"));
      Map<String, String> many = new LinkedHashMap<>();
      IntStream.range(0, 60).forEach(i -> many.put("key" + i, "x"));
      connection.registry().createVersion(MODEL, upload, "", many);
      assertThat(connection.registry().version(MODEL, "2").tags())
          .hasSize(50)
          .containsKeys("key0", "key49");
    }
  }

  @Test
  void aCloudThatTheJobDoesNotSpeakIsNamedWithTheWayOutAndWithoutItsSecrets() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("AWS_PRESIGNED_URL");
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      VerifiedFolder upload = upload(connection);
      connection.registry().ensureModel(MODEL);
      workspace.catalog().vend("login_of_another_cloud");
      MlflowException failure =
          catchThrowableOfType(
              MlflowException.class,
              () -> connection.registry().createVersion(MODEL, upload, "", Map.of()));
      assertThat(failure)
          .hasMessageContaining("login_of_another_cloud")
          .hasMessageContaining("mlflow.register_model(\"runs:/r1/model\", \"main.ml.wine\")");
      assertThat(failure.toString()).doesNotContain("nobody-may-see");
      assertThat(workspace.catalog().versions(MODEL)).isEmpty();
    }
  }

  @Test
  void aNameWithoutThreePartsIsRefusedBeforeAnythingIsSent() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("GCP_SIGNED_URL");
        MlflowConnection connection = open(workspace, "databricks-uc")) {
      for (String name : List.of("wine", "ml.wine", "a.b.c.d", "a..c", "a.b.c d")) {
        assertThatThrownBy(() -> connection.registry().ensureModel(name))
            .isInstanceOf(MlflowException.class)
            .hasMessageContaining("catalog.schema.model");
      }
      assertThatThrownBy(() -> connection.registry().moveToStage(MODEL, "1", "Production"))
          .hasMessageContaining("aliases and no stages");
      assertThat(workspace.requests()).isEmpty();
    }
  }
}
