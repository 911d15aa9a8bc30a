package sparkmlflow.databricks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.LogLines;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.TestSettings;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.databricks.StandInWorkspace.Feature;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;
import sparkmlflow.tracking.StoredFile;

class WorkspaceArtifactsTest {

  /** Parts of 4 bytes, so that ten bytes are a large file. */
  private static final PartSizes SMALL = new PartSizes(4, 8, 8, 100);

  private static final String LARGE = "0123456789";

  private final Path folder;

  WorkspaceArtifactsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static MlflowConnection open(StandInWorkspace workspace) {
    return MlflowConnection.open(
        TestSettings.workspace("databricks", "", workspace.login()),
        new Configuration(false),
        pause -> {},
        SMALL,
        workspace.buckets().hosts());
  }

  private static RunArtifacts artifacts(MlflowConnection connection) {
    return artifacts(connection, StandInWorkspace.artifactUri("r1"));
  }

  private static RunArtifacts artifacts(MlflowConnection connection, String uri) {
    return connection.artifacts(
        new Run("r1", "7", uri, RunStatus.RUNNING, false, Map.of(), Map.of(), Map.of()));
  }

  /** An empty file, one in a folder with a name to be encoded, and one of three parts. */
  private LocalFiles files() throws IOException {
    return files(Map.of("_SUCCESS", "", "sub/a b%.txt", "tiny", "large", LARGE));
  }

  private LocalFiles files(Map<String, String> contents) throws IOException {
    Path source = folder.resolve("source");
    for (Map.Entry<String, String> file : contents.entrySet()) {
      Path place = source.resolve(file.getKey());
      Files.createDirectories(place.resolve("..").normalize());
      Files.writeString(place, file.getValue());
    }
    return LocalFiles.in(source, contents.keySet().stream().sorted().toList());
  }

  private static void assertStored(StandInWorkspace workspace) {
    String model = StandInWorkspace.folder("r1") + "model/";
    assertThat(workspace.files())
        .hasEntrySatisfying(model + "_SUCCESS", content -> assertThat(content).isEmpty())
        .hasEntrySatisfying(
            model + "sub/a b%.txt", content -> assertThat(content).asString().isEqualTo("tiny"))
        .hasEntrySatisfying(
            model + "large", content -> assertThat(content).asString().isEqualTo(LARGE))
        .hasSize(3);
  }

  private static void assertNoLoginAtTheStorage(StandInWorkspace workspace) {
    assertThat(workspace.storageRequests())
        .isNotEmpty()
        .allSatisfy(
            request -> {
              assertThat(request.header("Authorization")).isEmpty();
              assertThat(request.headers().toString()).doesNotContain(TestSettings.TOKEN);
              assertThat(request.path() + request.query()).doesNotContain(TestSettings.TOKEN);
            });
  }

  @Test
  void theFilesApiComesFirstAndTheStorageIsNotAsked() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("AWS_PRESIGNED_URL", Feature.FILES_API);
        MlflowConnection connection = open(workspace)) {
      VerifiedFolder upload = artifacts(connection).uploadVerified(files(), "model");
      assertThat(upload.uri()).isEqualTo(StandInWorkspace.artifactUri("r1") + "/model");
      assertStored(workspace);
      assertThat(workspace.storageRequests()).isEmpty();
      assertThat(StandInWorkspace.log(workspace.requests()))
          .contains(
              "PUT /api/2.0/fs/files/WorkspaceInternal/Mlflow/Artifacts/7/Runs/r1/artifacts/model/sub/a%20b%25.txt?overwrite=true");
      // a second time: what is there is replaced
      artifacts(connection).uploadVerified(files(), "model");
    }
  }

  @Test
  void aLargeFileGoesThroughTheFilesApiInPartsWithoutTheLogin() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("AWS_PRESIGNED_URL", Feature.FILES_API, Feature.FILES_API_PARTS);
        MlflowConnection connection = open(workspace)) {
      artifacts(connection).uploadVerified(files(), "model");
      assertStored(workspace);
      assertNoLoginAtTheStorage(workspace);
      assertThat(StandInWorkspace.log(workspace.storageRequests()))
          .extracting(line -> line.replaceAll(".*\\?", ""))
          .containsExactly("partNumber=1", "partNumber=2", "partNumber=3");
    }
  }

  @Test
  void partsOfTheFilesApiNeedNoEtag() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("AWS_PRESIGNED_URL", Feature.FILES_API, Feature.FILES_API_PARTS);
        MlflowConnection connection = open(workspace)) {
      workspace.storage().sendNoEtags();
      artifacts(connection).uploadVerified(files(), "model");
      assertStored(workspace);
      assertThat(workspace.storageRequests()).hasSize(3);
    }
  }

  @Test
  void partsThatTheStorageRefusesAreAbortedAndTheFileIsSentWhole() throws IOException {
    try (StandInWorkspace workspace =
            new StandInWorkspace("AWS_PRESIGNED_URL", Feature.FILES_API, Feature.FILES_API_PARTS);
        MlflowConnection connection = open(workspace)) {
      workspace.storage().refuseAlways("partNumber=2");
      artifacts(connection).uploadVerified(files(), "model");
      assertStored(workspace);
      assertThat(workspace.storage().hasLooseParts(StandInWorkspace.folder("r1") + "model/large"))
          .isFalse();
      assertThat(StandInWorkspace.log(workspace.storageRequests()))
          .anyMatch(line -> line.startsWith("DELETE "));
    }
  }

  @ParameterizedTest
  @EnumSource(SignedArtifactStore.Kind.class)
  void everyKindOfSignedAddressTakesEmptySmallAndLargeFilesWithoutTheLogin(
      SignedArtifactStore.Kind kind) throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace(kind.name());
        MlflowConnection connection = open(workspace)) {
      artifacts(connection).uploadVerified(files(), "model");
      assertStored(workspace);
      assertNoLoginAtTheStorage(workspace);
      List<String> large =
          StandInWorkspace.log(workspace.storageRequests()).stream()
              .filter(line -> line.contains("/large"))
              .map(line -> line.replaceAll("/[^?]*/large", "large"))
              .map(line -> line.replaceAll("blockid=.*", "blockid=..."))
              .toList();
      assertThat(large)
          .containsExactlyElementsOf(
              switch (kind) {
                case AWS_PRESIGNED_URL ->
                    List.of(
                        "PUT large?uploadId=u1&partNumber=1",
                        "PUT large?uploadId=u1&partNumber=2",
                        "PUT large?uploadId=u1&partNumber=3");
                case GCP_SIGNED_URL -> List.of("PUT large");
                case AZURE_SAS_URI ->
                    List.of(
                        "PUT large?comp=block&blockid=...",
                        "PUT large?comp=block&blockid=...",
                        "PUT large?comp=block&blockid=...",
                        "PUT large?comp=blocklist");
                case AZURE_ADLS_GEN2_SAS_URI ->
                    List.of(
                        "PUT large?resource=file",
                        "PATCH large?action=append&position=0",
                        "PATCH large?action=append&position=4",
                        "PATCH large?action=append&position=8",
                        "PATCH large?action=flush&position=10");
              });
      if (kind == SignedArtifactStore.Kind.AZURE_ADLS_GEN2_SAS_URI) {
        assertThat(StandInWorkspace.log(workspace.storageRequests()))
            .anyMatch(line -> line.endsWith("a%20b%25.txt?action=append&position=0&flush=true"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SignedArtifactStore.Kind.class)
  void anAddressThatHasEndedIsAskedForOnceMoreAndTheUploadIsWhole(SignedArtifactStore.Kind kind)
      throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace(kind.name());
        MlflowConnection connection = open(workspace)) {
      workspace.storage().endSignatures(1);
      artifacts(connection).uploadVerified(files(Map.of("large", LARGE)), "model");
      assertThat(workspace.files().get(StandInWorkspace.folder("r1") + "model/large"))
          .asString()
          .isEqualTo(LARGE);
      assertThat(
              workspace.requests().stream()
                  .filter(
                      request ->
                          request.path().endsWith("credentials-for-write")
                              || request.path().endsWith("get-presigned-upload-part-url")))
          .hasSize(2);
    }
  }

  @Test
  void anAddressThatIsRefusedTwiceFailsWithoutShowingASignature() throws IOException {
    LogLines log = LogLines.record();
    try (StandInWorkspace workspace = new StandInWorkspace("GCP_SIGNED_URL");
        MlflowConnection connection = open(workspace)) {
      workspace.storage().refuseAlways("sig=");
      LocalFiles files = files(Map.of("a", "x"));
      RunArtifacts artifacts = artifacts(connection);
      MlflowException failure =
          catchThrowableOfType(MlflowException.class, () -> artifacts.upload(files, "model"));
      assertThat(failure)
          .hasMessageContaining("upload model/a of run r1")
          .hasMessageContaining("nor a fresh one")
          .hasMessageContaining("****");
      assertThat(failure.getSuppressed()).hasSize(1);
      assertThat(failure + String.join("\n", log.recorded()))
          .doesNotContain("nobody-may-see")
          .doesNotContain(TestSettings.TOKEN);
      assertThat(workspace.storageRequests()).hasSize(2);
    } finally {
      log.end();
    }
  }

  @Test
  void partsInTheBucketAreAbortedWhenOneFailsForGood() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("AWS_PRESIGNED_URL");
        MlflowConnection connection = open(workspace)) {
      workspace.storage().refuseAlways("partNumber=2");
      LocalFiles files = files(Map.of("large", LARGE));
      RunArtifacts artifacts = artifacts(connection);
      assertThatThrownBy(() -> artifacts.upload(files, "model"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("upload model/large");
      assertThat(workspace.storage().hasLooseParts(StandInWorkspace.folder("r1") + "model/large"))
          .isFalse();
      assertThat(workspace.files()).isEmpty();
    }
  }

  @Test
  void theWayThatIsOpenIsLookedForOnce() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("GCP_SIGNED_URL");
        MlflowConnection connection = open(workspace)) {
      RunArtifacts artifacts = artifacts(connection);
      artifacts.upload(files(Map.of("a", "x")), "model");
      artifacts.upload(files(Map.of("a", "x")), "other");
      assertThat(workspace.requests().stream().filter(r -> r.path().contains("/fs/"))).hasSize(1);
    }
  }

  @Test
  void noMoreFilesTravelAtOnceThanSetAndAllAddressesOfAllPagesAreUsed() throws IOException {
    Map<String, String> many = new java.util.HashMap<>();
    for (int file = 0; file < 61; file++) {
      many.put("f" + file, "x");
    }
    try (StandInWorkspace workspace = new StandInWorkspace("GCP_SIGNED_URL");
        MlflowConnection connection = open(workspace)) {
      workspace.storage().slow();
      artifacts(connection).uploadVerified(files(many), "model");
      assertThat(workspace.storage().mostActive()).isBetween(1, 3);
      assertThat(workspace.storageRequests()).hasSize(61);
      // two at a time: 25 pages for the first fifty, 6 for the rest
      assertThat(
              workspace.requests().stream()
                  .filter(request -> request.path().endsWith("credentials-for-write")))
          .hasSize(31);
    }
  }

  @Test
  void aFileThatIsNotListedFailsTheUpload() throws IOException {
    for (Feature[] features : List.of(new Feature[0], new Feature[] {Feature.FILES_API})) {
      try (StandInWorkspace workspace = new StandInWorkspace("AZURE_SAS_URI", features);
          MlflowConnection connection = open(workspace)) {
        workspace.storage().lose("/large");
        LocalFiles files = files();
        RunArtifacts artifacts = artifacts(connection);
        assertThatThrownBy(() -> artifacts.uploadVerified(files, "model"))
            .isInstanceOf(MlflowException.class)
            .hasMessageContaining("large is missing");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"files-api", "AWS_PRESIGNED_URL", "AZURE_ADLS_GEN2_SAS_URI"})
  void whatWasUploadedIsFetchedWholeByTheWayThatIsOpen(String way) throws IOException {
    boolean filesApi = way.equals("files-api");
    try (StandInWorkspace workspace =
            filesApi
                ? new StandInWorkspace("AWS_PRESIGNED_URL", Feature.FILES_API)
                : new StandInWorkspace(way);
        MlflowConnection connection = open(workspace)) {
      artifacts(connection).uploadVerified(files(), "model");
      if (!filesApi) {
        workspace.storage().endSignatures(1);
      }
      VerifiedFolder fetched = artifacts(connection).download("model", folder.resolve("fetched"));
      List<String> found = new ArrayList<>();
      try (Stream<Path> walk = Files.walk(folder.resolve("fetched"))) {
        for (Path file : walk.filter(Files::isRegularFile).toList()) {
          found.add(folder.resolve("fetched").relativize(file) + "=" + Files.readString(file));
        }
      }
      assertThat(found)
          .containsExactlyInAnyOrder("_SUCCESS=", "sub/a b%.txt=tiny", "large=" + LARGE);
      assertThat(fetched.digest()).isEqualTo(files().digest());
      if (!filesApi) {
        assertNoLoginAtTheStorage(workspace);
      }
    }
  }

  @Test
  void anUnknownKindOfStorageIsNamed() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("MOON_URL");
        MlflowConnection connection = open(workspace)) {
      LocalFiles files = files(Map.of("a", "x"));
      RunArtifacts artifacts = artifacts(connection);
      assertThatThrownBy(() -> artifacts.upload(files, "model"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("MOON_URL");
    }
  }

  @Test
  void anExperimentInAVolumeIsReachedThroughTheFilesApiAlone() throws IOException {
    try (StandInWorkspace workspace = new StandInWorkspace("AWS_PRESIGNED_URL", Feature.FILES_API);
        MlflowConnection connection = open(workspace)) {
      RunArtifacts artifacts = artifacts(connection, "dbfs:/Volumes/main/ml/runs/r1/artifacts");
      artifacts.uploadVerified(files(), "model");
      assertThat(workspace.files())
          .containsKey("/Volumes/main/ml/runs/r1/artifacts/model/sub/a b%.txt");
      assertThat(artifacts.list("")).extracting(StoredFile::path).contains("model/sub/a b%.txt");
      assertThat(StandInWorkspace.log(workspace.requests()))
          .noneMatch(line -> line.contains("artifacts/list"));
    }
  }
}
