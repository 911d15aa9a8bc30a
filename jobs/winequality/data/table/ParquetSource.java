package winequality.data.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
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
 * @param bytes of all files
 */
public record ParquetSource(
    String setting, String text, String path, String fingerprint, long bytes) {

  private static final String MERGING = "[CANNOT_MERGE_SCHEMAS]";

  /** What Spark does not read. */
  private static final String HIDDEN = "(?s)(_[^=]*|\\..*)";

  /**
   * The Parquet files that a source names; empty for others.
   *
   * @throws DataRefusedException if Spark would read only some of the folder's files
   */
  public static Optional<ParquetSource> find(String setting, String source, SparkSession spark) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    try {
      Path root = new Path(PathSpelling.hadoop(source, hadoop));
      FileSystem files = root.getFileSystem(hadoop);
      if (!files.exists(root)
          || visible(files, root).anyMatch(child -> child.isFile() && !isParquet(child))) {
        return Optional.empty(); // the reader of CSV files names what is wrong
      }
      List<FileStatus> listed = new ArrayList<>();
      List<FileStatus> unread = new ArrayList<>();
      list(files, root, root, listed, unread);
      if (listed.isEmpty()) {
        return Optional.empty();
      }
      requireNoTable(setting, source, files, files.makeQualified(root));
      if (!unread.isEmpty()) {
        throw new DataRefusedException(
            "%s \"%s\": Spark reads the Parquet files of one folder, or of partition folders such as year=2026, and would leave out %s. Move it, or name the folder that is meant."
                .formatted(setting, source, unread.get(0).getPath()));
      }
      String all =
          listed.stream()
              .map(
                  file ->
                      "%s\t%d\t%d"
                          .formatted(file.getPath(), file.getLen(), file.getModificationTime()))
              .sorted()
              .collect(Collectors.joining("\n"));
      return Optional.of(
          new ParquetSource(
              setting,
              source,
              files.makeQualified(root).toString(),
              Fingerprint.of(all),
              listed.stream().mapToLong(FileStatus::getLen).sum()));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Lists the files that Spark reads, those of a folder or of its partitions, and the others. */
  private static void list(
      FileSystem files, Path root, Path folder, List<FileStatus> listed, List<FileStatus> unread)
      throws IOException {
    List<FileStatus> children = visible(files, folder).toList();
    boolean partitioned = children.stream().anyMatch(ParquetSource::isPartition);
    for (FileStatus child : children) {
      if (partitioned && isPartition(child)) {
        list(files, root, child.getPath(), listed, unread);
      } else if (!partitioned && child.isFile() && isParquet(child)) {
        listed.add(child);
      } else if (partitioned || !listed.isEmpty() || !folder.equals(root)) {
        unread.add(child);
      }
    }
  }

  /** The log of a table says which of its files are its rows; the others were deleted. */
  private static void requireNoTable(String setting, String source, FileSystem files, Path root)
      throws IOException {
    for (Path folder = root; folder != null; folder = folder.getParent()) {
      for (String log : List.of("_delta_log", ".hoodie", "metadata/version-hint.text")) {
        if (files.exists(new Path(folder, log))) {
          throw new DataRefusedException(
              "%s \"%s\" has the files of the table %s, of which some may be deleted rows. Name the whole table if it is a Delta table, or write its rows as Parquet."
                  .formatted(setting, source, folder));
        }
      }
    }
  }

  private static Stream<FileStatus> visible(FileSystem files, Path folder) throws IOException {
    return Stream.of(files.listStatus(folder))
        .filter(child -> !child.getPath().getName().matches(HIDDEN))
        .sorted(Comparator.comparing(FileStatus::isDirectory).thenComparing(FileStatus::getPath));
  }

  private static boolean isParquet(FileStatus file) {
    return file.getPath().getName().matches("(?is).*\\.parquet");
  }

  private static boolean isPartition(FileStatus folder) {
    return folder.isDirectory() && folder.getPath().getName().indexOf('=') > 0;
  }

  /** All rows, read lazily; a column that only some files have is null in the others. */
  public Dataset<Row> read(SparkSession spark) {
    return spark.read().option("mergeSchema", true).parquet(PathSpelling.literal(path));
  }

  /**
   * The rows, to be checked by the rules for CSV rows.
   *
   * @throws DataRefusedException with every column that the files lack or have in another type
   */
  public SourceRows rows(SparkSession spark, List<ColumnDescription> columns) {
    return SourceRows.of(path, read(spark), columns);
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
      if (e instanceof AnalysisException || String.valueOf(e.getMessage()).contains(MERGING)) {
        Throwable what = e.getCause() == null ? e : e.getCause();
        throw new DataRefusedException(
            "%s \"%s\" cannot be read as Parquet: %s Write each column with one type in all files, and timestamps in microseconds."
                .formatted(setting, text, DataRefusedException.firstLine(what)),
            e);
      }
      throw UnreadableSource.refusal(setting, text, "", e);
    }
  }

  /** Refuses the source if a file was added, removed or changed since it was listed. */
  public void requireUnchanged(SparkSession spark) {
    if (!find(setting, text, spark).equals(Optional.of(this))) {
      throw new DataRefusedException(
          "The files of %s \"%s\" changed while they were read. Run the job again when nothing writes to them."
              .formatted(setting, text));
    }
  }
}
