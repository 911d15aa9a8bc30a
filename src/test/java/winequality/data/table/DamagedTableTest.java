package winequality.data.table;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import winequality.data.DataRefusedException;

class DamagedTableTest {

  private static final String TABLE = "s3a://b/tables/wine one";

  private static final class Failure extends RuntimeException implements SparkThrowable {
    private static final long serialVersionUID = 1L;

    private final String condition;
    private final String path;

    Failure(String condition, String path, @Nullable Throwable cause) {
      super(condition, cause);
      this.condition = condition;
      this.path = path;
    }

    @Override
    public String getCondition() {
      return condition;
    }

    @Override
    public Map<String, String> getMessageParameters() {
      return Map.of("path", path);
    }
  }

  private static void read(RuntimeException failure) {
    DamagedTable.refusing(
        TABLE,
        () -> {
          throw failure;
        });
  }

  @ParameterizedTest
  @CsvSource({"FILE_NOT_EXIST", "CANNOT_READ_FILE_FOOTER"})
  void aFileThatIsGoneOrCutOffIsDamageThatRestoreMends(String how) {
    String file = "s3a://b/tables/wine%20one/part-0.parquet";
    assertThatThrownBy(
            () ->
                read(new IllegalStateException(new Failure("FAILED_READ_FILE." + how, file, null))))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("The table " + TABLE + " is damaged: " + file)
        .hasMessageContaining("(RESTORE TABLE)");
  }

  @Test
  void aBrokenLogIsDamageThatRestoreCannotMend() {
    String file = TABLE + "/_delta_log/00000000000000000007.json";
    for (Throwable cause :
        new Throwable[] {
          new ChecksumException("Checksum error", 0),
          new Failure("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "", null)
        }) {
      assertThatThrownBy(() -> read(new Failure("FAILED_READ_FILE.NO_HINT", file, cause)))
          .isInstanceOf(DataRefusedException.class)
          .hasMessageContaining(file)
          .hasMessageContaining("RESTORE TABLE needs the log")
          .hasMessageContaining("delete this commit");
    }
    assertThatThrownBy(() -> read(new Failure("DELTA_VERSIONS_NOT_CONTIGUOUS", "", null)))
        .hasMessageContaining("RESTORE TABLE needs the log");
  }

  @Test
  void aFailureThatMayPassOrIsAnotherTablesIsNoDamage() {
    for (RuntimeException failure :
        new RuntimeException[] {
          new IllegalStateException(new FileNotFoundException("/out/part-0 (Permission denied)")),
          new Failure(
              "FAILED_READ_FILE.NO_HINT",
              TABLE + "/part-0.parquet",
              new IOException("403: the token has expired")),
          new Failure("FAILED_READ_FILE.FILE_NOT_EXIST", "s3a://b/tables/other/part-0", null)
        }) {
      assertThatThrownBy(() -> read(failure)).isSameAs(failure);
    }
  }
}
