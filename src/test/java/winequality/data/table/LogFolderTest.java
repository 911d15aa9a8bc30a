package winequality.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.SparkTest;
import winequality.data.DataRefusedException;

/** What the files of a log say is what Delta says, without a Spark job. */
class LogFolderTest extends SparkTest {

  @TempDir Path folder;

  @Test
  void commitsAreThoseOfDeltasHistory() throws TimeoutException {
    DeltaLocation table = table();
    List<DeltaCommit> history =
        DeltaLocation.of(table.text())
            .open(spark())
            .history(9)
            .select("version", "operation", "operationMetrics", "userMetadata")
            .collectAsList()
            .stream()
            .map(DeltaCommit::of)
            .toList();
    assertThat(history).hasSize(3);
    assertThat(withoutJobs(() -> table.commits(spark(), 2, 9).toList())).isEqualTo(history);
    assertThat(table.commits(spark(), 2, 2).map(DeltaCommit::version)).containsExactly(2L, 1L);
    assertThat(history.get(1).fact("mine")).hasValue("1");
    assertThat(history.get(1).newRows()).hasValue(4);
  }

  @Test
  void commitsThatDeltaHasCleanedUpAreNotThere() throws IOException {
    DeltaLocation table = table();
    Files.delete(log(0));
    assertThat(table.commits(spark(), 2, 9).map(DeltaCommit::version)).containsExactly(2L, 1L);
    assertThat(table.commits(spark(), 1, 9).map(DeltaCommit::version)).containsExactly(1L);
  }

  @Test
  void aGapIsDamageAndACommitNeedNotSayWhatItDid() throws IOException {
    DeltaLocation table = table();
    Files.writeString(log(2), "{\"metaData\":{\"id\":\"x\"}}\n");
    Files.deleteIfExists(log(2).resolveSibling("." + log(2).getFileName() + ".crc"));
    assertThat(table.commits(spark(), 2, 1).map(DeltaCommit::operation)).containsExactly("unknown");
    Files.delete(log(1));
    assertThatThrownBy(() -> table.commits(spark(), 2, 9).toList())
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("is damaged: commit 1: ");
  }

  @Test
  void aCommitThatIsCutOffIsRefusedWhenItIsRead() throws IOException {
    DeltaLocation table = table();
    byte[] commit = Files.readAllBytes(log(1));
    Files.write(log(1), Arrays.copyOf(commit, 100));
    Files.deleteIfExists(log(1).resolveSibling("." + log(1).getFileName() + ".crc"));
    assertThat(table.commits(spark(), 2, 1).map(DeltaCommit::version)).containsExactly(2L);
    assertThatThrownBy(() -> table.commits(spark(), 2, 9).toList())
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("is damaged: commit 1: ");
  }

  @Test
  void aTableHasACommitOrACheckpoint() throws Exception {
    DeltaLocation table = table();
    assertThat(withoutJobs(() -> table.exists(spark()))).isTrue();
    assertThat(DeltaLocation.of(table.text() + "/_delta_log").exists(spark())).isFalse();
    Path other = folder.resolve("unfinished");
    DeltaLocation unfinished = DeltaLocation.of(other.toString());
    Files.createDirectories(other.resolve("_delta_log"));
    Files.createFile(other.resolve("_delta_log/.00000000000000000000.json.tmp"));
    assertThat(unfinished.exists(spark())).isFalse();
    Files.createFile(other.resolve("_delta_log/00000000000000000010.checkpoint.parquet"));
    assertThat(unfinished.exists(spark())).isTrue();
  }

  @Test
  void theDetailIsDeltasOwn() throws IOException, TimeoutException {
    DeltaLocation table = table();
    DeltaLocation.Detail detail = withoutJobs(() -> table.detail(spark()));
    assertThat(detail.id()).isEqualTo(withoutJobs(() -> table.id(spark())));
    assertThat(detail.properties()).containsEntry("mine", "yes");
    assertThat(detail.files()).isEqualTo(2);
    assertThat(withoutJobs(() -> table.schema(spark())))
        .isEqualTo(table.rows(spark()).schema())
        .isEqualTo(new StructType().add("id", DataTypes.LongType));
    Files.delete(log(2).resolveSibling("00000000000000000002.crc"));
    DeltaLog.clearCache();
    assertThat(table.detail(spark())).isEqualTo(detail);
    assertThat(table.schema(spark()).fieldNames()).containsExactly("id");
  }

  /** In names with blanks and percent signs too; version 1 only adds to the files of version 0. */
  @Test
  void theFilesAreDeltasOwn() throws TimeoutException {
    DeltaLocation table = table();
    assertThat(files(table, 1)).hasSize(2).isEqualTo(paths(table.read(spark(), 1).inputFiles()));
    spark()
        .range(3)
        .selectExpr("id", "'50 % a' AS part")
        .write()
        .format("delta")
        .partitionBy("part")
        .mode("overwrite")
        .option("overwriteSchema", true)
        .save(table.text());
    List<String> expected = paths(table.read(spark(), 3).inputFiles());
    assertThat(withoutJobs(() -> files(table, 3))).isEqualTo(expected);
    assertThat(expected).isNotEmpty().allMatch(file -> Files.exists(Path.of(file)));
  }

  private List<String> files(DeltaLocation table, long version) {
    return paths(table.files(spark(), version).toArray(String[]::new));
  }

  /** Without scheme, and plain. */
  private static List<String> paths(String[] files) {
    return Arrays.stream(files)
        .map(file -> file.replaceFirst("^file:/*", "/"))
        .map(file -> Files.exists(Path.of(file)) ? file : URI.create(file).getPath())
        .sorted()
        .toList();
  }

  /** Versions 0 with 6 rows, 1 with 4 more, and 2 with a property. */
  private DeltaLocation table() {
    String path = folder.resolve("table").toString();
    spark().range(6).coalesce(1).write().format("delta").save(path);
    spark()
        .range(4)
        .coalesce(1)
        .write()
        .format("delta")
        .mode("append")
        .option("userMetadata", "{\"mine\":1}")
        .save(path);
    spark().sql("ALTER TABLE delta.`" + path + "` SET TBLPROPERTIES ('mine' = 'yes')");
    return DeltaLocation.of(path);
  }

  private Path log(int version) {
    return folder.resolve("table/_delta_log/%020d.json".formatted(version));
  }

  private <T> T withoutJobs(Supplier<T> work) throws TimeoutException {
    AtomicLong jobs = new AtomicLong();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            jobs.incrementAndGet();
          }
        };
    spark().sparkContext().listenerBus().waitUntilEmpty(10_000);
    spark().sparkContext().addSparkListener(listener);
    try {
      T result = work.get();
      spark().sparkContext().listenerBus().waitUntilEmpty(10_000);
      assertThat(jobs).hasValue(0);
      return result;
    } finally {
      spark().sparkContext().removeSparkListener(listener);
    }
  }
}
