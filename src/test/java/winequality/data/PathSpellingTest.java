package winequality.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathSpellingTest {

  /** As a cluster of Databricks has it: whatever lacks a scheme is DBFS. */
  private static Configuration databricks() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs.defaultFS", "dbfs:///");
    return configuration;
  }

  private static Configuration elsewhere() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs.defaultFS", "file:///");
    return configuration;
  }

  @ParameterizedTest
  @CsvSource({
    "/dbfs/FileStore/wine.csv, dbfs:/FileStore/wine.csv",
    "file:/dbfs/FileStore/wine.csv, dbfs:/FileStore/wine.csv",
    "dbfs:/FileStore/wine.csv, dbfs:/FileStore/wine.csv",
    "/FileStore/wine.csv, /FileStore/wine.csv",
    "/Volumes/main/wine/files/wine.csv, /Volumes/main/wine/files/wine.csv",
    "s3a://bucket/wine.csv, s3a://bucket/wine.csv",
    "/dbfsx/wine.csv, /dbfsx/wine.csv",
  })
  void onDatabricksTheMountIsTheFileSystem(String path, String hadoop) {
    assertThat(PathSpelling.hadoop(path, databricks())).isEqualTo(hadoop);
  }

  @ParameterizedTest
  @CsvSource({
    "/dbfs/wine.csv",
    "/FileStore/wine.csv",
    "data/wine.csv",
    "abfss://c@a.dfs.core.windows.net/w",
  })
  void elsewherePathsAreWhatTheySay(String path) {
    assertThat(PathSpelling.hadoop(path, elsewhere())).isEqualTo(path);
  }

  @Test
  void dbfsElsewhereIsRefusedUnlessThereIsAFileSystemForIt() {
    assertThatThrownBy(() -> PathSpelling.hadoop("dbfs:/FileStore/wine.csv", elsewhere()))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("is a path of Databricks (DBFS)")
        .hasMessageContaining("file:///");
    Configuration known = elsewhere();
    known.set("fs.dbfs.impl", "com.example.Dbfs");
    assertThat(PathSpelling.hadoop("dbfs:/a", known)).isEqualTo("dbfs:/a");
  }
}
