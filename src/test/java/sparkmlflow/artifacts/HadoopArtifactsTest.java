package sparkmlflow.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.TestSettings;
import sparkmlflow.databricks.storage.BucketHosts;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.RunStatus;

class HadoopArtifactsTest {

  // a separate bucket per test, because Hadoop caches file systems by address
  private final String bucket = "b" + UUID.randomUUID();
  private final Path folder;

  HadoopArtifactsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private MlflowConnection open(String secret) {
    Configuration hadoop = new Configuration(false);
    for (String scheme : List.of("s3a", "abfss", "gs")) {
      hadoop.set("fs." + scheme + ".impl", BucketFileSystem.class.getName());
    }
    hadoop.set("bucket.folder", folder.resolve("bucket").toString());
    hadoop.set("bucket.secret", secret);
    return MlflowConnection.open(
        TestSettings.of(URI.create("http://127.0.0.1:9")),
        hadoop,
        p -> {},
        PartSizes.ofMlflow(),
        BucketHosts.of(""));
  }

  private static RunArtifacts artifacts(MlflowConnection connection, String uri) {
    return connection.artifacts(
        new Run("r1", "7", uri, RunStatus.RUNNING, false, Map.of(), Map.of(), Map.of()));
  }

  private LocalFiles files() throws IOException {
    Path source = Files.createDirectories(folder.resolve("source/sub"));
    Files.writeString(source.resolve("a b#%20:c"), "content");
    Files.writeString(folder.resolve("source/_SUCCESS"), "");
    return LocalFiles.in(folder.resolve("source"), List.of("_SUCCESS", "sub/a b#%20:c"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://", "s3a://", "abfss://c@", "gs://"})
  void filesTravelWithTheJobsOwnCredentialsAndTheAddressStaysAsItIs(String scheme)
      throws IOException {
    String uri = scheme + bucket + "/root/7/r1/artifacts";
    try (MlflowConnection connection = open("open")) {
      RunArtifacts artifacts = artifacts(connection, uri);
      VerifiedFolder upload = artifacts.uploadVerified(files(), "model");
      assertThat(upload.uri()).isEqualTo(uri + "/model");
      VerifiedFolder again = artifacts.uploadVerified(files(), "model");
      assertThat(again.digest()).isEqualTo(upload.digest());
      VerifiedFolder fetched = artifacts.download("model", folder.resolve("fetched"));
      assertThat(fetched.digest()).isEqualTo(upload.digest());
      assertThat(artifacts.list("other")).isEmpty();
    }
    try (Stream<Path> walk = Files.walk(folder.resolve("bucket"))) {
      assertThat(walk.filter(Files::isRegularFile).map(f -> f.getFileName().toString()))
          .contains("_SUCCESS", "a b#%20:c");
    }
    try (Stream<Path> walk = Files.walk(folder.resolve("fetched"))) {
      assertThat(walk.filter(Files::isRegularFile)).hasSize(2);
    }
  }

  @Test
  void aRefusalOfTheStorageSaysWhoseCredentialsItWere() throws IOException {
    LocalFiles files = files();
    try (MlflowConnection connection = open("shut")) {
      RunArtifacts artifacts = artifacts(connection, "gs://" + bucket + "/r");
      assertThatThrownBy(() -> artifacts.upload(files, "model"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("gs://" + bucket + "/r")
          .hasMessageContaining("bucket.secret opens nothing")
          .hasMessageContaining("its own credentials (spark.hadoop.fs...)");
    }
  }

  @Test
  void aSchemeThatHadoopDoesNotKnowIsRefusedBeforeAnythingIsDone() {
    try (MlflowConnection connection = open("open")) {
      assertThatThrownBy(() -> artifacts(connection, "wasbs://c@" + bucket + "/r"))
          .isInstanceOf(MlflowException.class)
          .hasMessageContaining("no file system for wasbs")
          .hasMessageContaining("--serve-artifacts");
    }
  }
}
