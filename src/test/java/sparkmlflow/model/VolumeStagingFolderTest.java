package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.PipelineModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.model.staging.StagingFolder;
import sparkmlflow.model.staging.VolumeStagingFolder;
import testing.SparkTest;

/**
 * A driver's disk with a volume's mount is a folder here, and Spark's {@code dbfs:} another. The
 * session's default file system stays as it is, since other tests share the session.
 */
class VolumeStagingFolderTest extends SparkTest {

  private static final String VOLUME = "Volumes/main/wine/files";

  @TempDir Path temporary;
  private Path disk;
  private Path storage;

  @BeforeEach
  void aWorkspacesFileSystem() throws IOException {
    disk = Files.createDirectory(temporary.resolve("disk"));
    storage = Files.createDirectories(temporary.resolve("storage"));
    Files.createDirectories(storage.resolve(VOLUME));
    Configuration hadoop = hadoop();
    hadoop.set("fs.dbfs.impl", VolumeFileSystem.class.getName());
    hadoop.set("fs.dbfs.impl.disable.cache", "true");
    hadoop.set("volume.disk", storage.toString());
  }

  @AfterEach
  void thisMachinesFileSystem() {
    List.of("fs.dbfs.impl", "fs.dbfs.impl.disable.cache", "volume.disk", "volume.driver")
        .forEach(hadoop()::unset);
  }

  @Test
  void withAMountTheDriverGoesByIt() throws IOException {
    mount();
    hadoop().set("volume.driver", "mount");
    assertRoundTrip("dbfs:/" + VOLUME + "/staging");
  }

  @Test
  void sparkIsGivenThePathAsItIsSpelled() throws IOException {
    mount();
    for (String spelling : List.of("/" + VOLUME, "dbfs:/" + VOLUME)) {
      StagingFolder folder =
          VolumeStagingFolder.of(
                  new org.apache.hadoop.fs.Path(spelling + "/staging/m"), "dbfs", disk)
              .orElseThrow();
      assertThat(folder.pipeline()).isEqualTo(spelling + "/staging/m/pipeline");
      assertThat(storage.resolve(VOLUME + "/staging/m")).isEmptyDirectory();
      folder.delete();
      assertThat(storage.resolve(VOLUME + "/staging/m")).doesNotExist();
    }
  }

  @Test
  void withoutAMountItGoesByHadoopAndMakesNothingOnItsOwnDisk() throws IOException {
    assertRoundTrip("dbfs:/" + VOLUME + "/staging");
    assertThat(disk).isEmptyDirectory();
  }

  @Test
  void whereTheMountTakesNoFolderItGoesByHadoop() throws IOException {
    Files.createDirectories(disk.resolve(VOLUME));
    Files.createFile(disk.resolve(VOLUME).resolve("staging"));
    assertRoundTrip("dbfs:/" + VOLUME + "/staging");
  }

  @Test
  void elsewhereThanOnDatabricksVolumesIsAFolderLikeAnyOther() throws IOException {
    Files.createDirectories(disk.resolve(VOLUME));
    org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path("/" + VOLUME + "/staging/m");
    assertThat(VolumeStagingFolder.of(folder, "file", disk)).isEmpty();
    assertThat(VolumeStagingFolder.of(folder, "hdfs", disk)).isEmpty();
    assertThat(
            VolumeStagingFolder.of(
                new org.apache.hadoop.fs.Path("s3a://bucket/" + VOLUME), "dbfs", disk))
        .isEmpty();
    assertThat(
            VolumeStagingFolder.of(new org.apache.hadoop.fs.Path("/tmp/" + VOLUME), "dbfs", disk))
        .isEmpty();
  }

  @Test
  void checksumFilesStayBehind() throws IOException {
    mount();
    StagingFolder folder =
        VolumeStagingFolder.of(
                new org.apache.hadoop.fs.Path("/" + VOLUME + "/staging/m"), "dbfs", disk)
            .orElseThrow();
    Path metadata =
        Files.createDirectories(storage.resolve(VOLUME + "/staging/m/pipeline/metadata"));
    Files.writeString(metadata.resolve("part-00000"), "{}");
    Files.writeString(metadata.resolve(".part-00000.crc"), "crc");
    Path target = temporary.resolve("target");
    folder.fetch(target);
    assertThat(target.resolve("metadata/part-00000")).hasContent("{}");
    assertThat(target.resolve("metadata/.part-00000.crc")).doesNotExist();
  }

  private void mount() throws IOException {
    Files.createSymbolicLink(disk.resolve("Volumes"), storage.resolve("Volumes"));
  }

  /** Saved and loaded by way of the folder, a pipeline is the same, and nothing is left of it. */
  private void assertRoundTrip(String stagingDir) throws IOException {
    PipelineStaging staging =
        new PipelineStaging(spark(), ModelFixtures.settings(stagingDir), "dbfs", disk);
    PipelineModel pipeline = ModelFixtures.model().pipeline();
    Path target = Files.createTempDirectory(temporary, "target").resolve("sparkml");
    staging.save(pipeline, "a", target);
    PipelineModel loaded = staging.load(target, "b");
    assertThat(loaded.uid()).isEqualTo(pipeline.uid());
    assertThat(loaded.stages()).hasSameSizeAs(pipeline.stages());
    try (Stream<Path> left = Files.walk(storage)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  private Configuration hadoop() {
    return spark().sparkContext().hadoopConfiguration();
  }
}
