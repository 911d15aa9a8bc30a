package winequality.data.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.Fingerprint;
import winequality.data.PathSpelling;
import winequality.data.UnreadableSource;

/**
 * A source that is Parquet without Delta's log: a file, or a folder, also one with partitions. It
 * has no versions, so its accepted rows are copied into a table that has.
 *
 * @param setting the key of the path, for messages
 * @param text as the setting has it
 * @param path with its scheme
 * @param fingerprint changes when a file is added, removed or changed; made of paths, lengths and
 *     times
 */
public record ParquetSource(String setting, String text, String path, String fingerprint) {

  private static final String ENDING = ".parquet";

  /**
   * The Parquet files that a source names; empty for others.
   *
   * @throws DataRefusedException if the folder cannot be listed
   */
  public static Optional<ParquetSource> find(String setting, String source, SparkSession spark) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    try {
      Path path = new Path(PathSpelling.hadoop(source, hadoop));
      FileSystem files = path.getFileSystem(hadoop);
      if (!files.exists(path)) {
        return Optional.empty();
      }
      for (FileStatus file : files.listStatus(path)) {
        if (file.isFile() && isVisible(file) && !file.getPath().getName().endsWith(ENDING)) {
          return Optional.empty(); // the reader of CSV files names one that is not text
        }
      }
      List<String> found = new ArrayList<>();
      RemoteIterator<LocatedFileStatus> all = files.listFiles(path, true);
      while (all.hasNext()) {
        FileStatus file = all.next();
        if (isVisible(file) && file.getPath().getName().endsWith(ENDING)) {
          found.add(
              "%s\t%d\t%d".formatted(file.getPath(), file.getLen(), file.getModificationTime()));
        }
      }
      Collections.sort(found);
      return found.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new ParquetSource(
                  setting,
                  source,
                  files.makeQualified(path).toString(),
                  Fingerprint.of(String.join("\n", found))));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty(); // the reader of CSV files names what is wrong with the path
    }
  }

  /** Spark reads no file whose name begins with one of these. */
  private static boolean isVisible(FileStatus file) {
    return !file.getPath().getName().matches("(?s)[._].*");
  }

  /** All rows, read lazily; a column that only some files have is null in the others. */
  public Dataset<Row> read(SparkSession spark) {
    return spark.read().option("mergeSchema", true).parquet(PathSpelling.literal(path));
  }

  /**
   * Does what reads the rows.
   *
   * @throws DataRefusedException if a file is damaged, or files have a column in different types
   */
  public <T> T refusing(Supplier<T> work) {
    try {
      return work.get();
    } catch (DataRefusedException e) {
      throw e;
    } catch (Exception e) {
      // also a checked exception, which Spark's Scala does not declare
      if (e instanceof AnalysisException
          || DataRefusedException.firstLine(e).contains("[CANNOT_MERGE_SCHEMAS]")) {
        throw new DataRefusedException(
            "%s \"%s\" cannot be read as Parquet: %s"
                .formatted(setting, text, DataRefusedException.firstLine(e)),
            e);
      }
      throw UnreadableSource.refusal(setting, text, e);
    }
  }

  /**
   * The rows, to be checked by the rules for CSV rows.
   *
   * @throws DataRefusedException with every column that the files lack or have in another type
   */
  public SourceRows rows(SparkSession spark, List<ColumnDescription> columns) {
    return SourceRows.of(path, read(spark), columns);
  }

  /** Refuses the source if a file was added, removed or changed since it was listed. */
  public void requireUnchanged(SparkSession spark) {
    if (!find(setting, text, spark).equals(Optional.of(this))) {
      throw new DataRefusedException(
          "The files of %s \"%s\" changed while they were read. The tables are unchanged; run the job again when nothing writes to them."
              .formatted(setting, text));
    }
  }
}
