package winequality.data.table;

import elasticnet.split.Columns;
import io.delta.tables.DeltaTable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import winequality.data.DataRefusedException;
import winequality.data.PathSpelling;

/**
 * Where a Delta table is: at a path, or under a name in the catalog.
 *
 * <p>Text with a slash or a colon is a path; any other is a name of one to three parts.
 */
public sealed interface DeltaLocation {

  /** The location as text; a resolved path has its scheme. */
  String text();

  String sql();

  boolean exists(SparkSession spark);

  DeltaTable open(SparkSession spark);

  default Dataset<Row> rows(SparkSession spark) {
    return open(spark).toDF();
  }

  default StructType schema(SparkSession spark) {
    return rows(spark).schema();
  }

  /** The files of a version; a path may be percent-encoded. */
  default List<String> files(SparkSession spark, long version) {
    return List.of(read(spark, version).inputFiles());
  }

  /**
   * What a table is at its newest version.
   *
   * @param id Delta's identifier, which changes if the table is dropped and recreated
   * @param bytes of all files
   */
  record Detail(String id, Map<String, String> properties, long files, long bytes) {}

  default Detail detail(SparkSession spark) {
    // a command's result is there already; a selection of its columns would be a Spark job
    Row row = open(spark).detail().first();
    return new Detail(
        row.getAs("id"),
        row.getJavaMap(row.fieldIndex("properties")),
        row.<Long>getAs("numFiles"),
        row.<Long>getAs("sizeInBytes"));
  }

  default String id(SparkSession spark) {
    return detail(spark).id();
  }

  /**
   * The commits up to a version, newest first, each read when it is asked for.
   *
   * @param from a version that is there
   * @param limit of the number of commits
   * @throws DataRefusedException if the log is damaged
   */
  default Stream<DeltaCommit> commits(SparkSession spark, long from, int limit) {
    return DamagedTable.refusing(
            text(),
            () ->
                open(spark)
                    .history(limit)
                    .select("version", "operation", "operationMetrics", "userMetadata")
                    .collectAsList())
        .stream()
        .map(DeltaCommit::of)
        .filter(commit -> commit.version() <= from);
  }

  Dataset<Row> read(SparkSession spark, long version);

  record Newest(long version, Instant written) {
    /** From the columns version and timestamp of Delta's history. */
    static Newest of(Row commit) {
      return new Newest(commit.getLong(0), commit.<Timestamp>getAs(1).toInstant());
    }
  }

  Newest newest(SparkSession spark);

  default TableVersion newestVersion(SparkSession spark) {
    return new TableVersion(text(), newest(spark).version());
  }

  void save(DataFrameWriter<Row> writer);

  /**
   * Checks that a table exists or can be created here: other files in its folder would become the
   * table's, and the next VACUUM would delete them. Files of an unfinished first write do not
   * matter.
   *
   * @throws DataRefusedException if the folder has other files or is inside another table
   */
  default void requireRoom(SparkSession spark) {
    // a catalog chooses its places itself
  }

  /** Delta's version from its jar's manifest; empty if the platform packages it differently. */
  static Optional<String> deltaVersion() {
    return Optional.ofNullable(DeltaTable.class.getPackage().getImplementationVersion());
  }

  static DeltaLocation of(String location) {
    return location.contains("/") || location.contains(":")
        ? new AtPath(location)
        : new InCatalog(location);
  }

  /** As {@link #of}, with a relative path made absolute, so that it is the same elsewhere. */
  static DeltaLocation resolved(String location, SparkSession spark) {
    if (!(of(location) instanceof AtPath)) {
      return of(location);
    }
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    AtPath at = new AtPath(PathSpelling.hadoop(location, hadoop));
    return new AtPath(at.files(spark).makeQualified(new Path(at.text())).toString());
  }

  record AtPath(String text) implements DeltaLocation {

    private static final String LOG = "_delta_log";

    /** A table's log, rows without a commit, or hidden files, which VACUUM leaves alone. */
    private static final Pattern UNFINISHED =
        Pattern.compile(LOG + "/.*|(.*/)?part-[^/]*\\.parquet|(.*/)?\\..*", Pattern.DOTALL);

    @Override
    public String sql() {
      return "delta." + Columns.quoted(text);
    }

    /** True only for the table's own folder; Delta also says so of a folder inside. */
    @Override
    public boolean exists(SparkSession spark) {
      try {
        return log(spark).hasVersion();
      } catch (IOException e) {
        // only Spark's reader has the rights to look
        return DamagedTable.refusing(text, () -> DeltaTable.isDeltaTable(spark, text));
      }
    }

    private FileSystem files(SparkSession spark) {
      try {
        return new Path(text).getFileSystem(spark.sparkContext().hadoopConfiguration());
      } catch (IOException e) {
        throw new DataRefusedException(
            "The table path \"%s\" cannot be used: %s. Check its scheme and the rights on it."
                .formatted(text, e.getMessage()),
            e);
      }
    }

    @Override
    public DeltaTable open(SparkSession spark) {
      return DamagedTable.refusing(text, () -> DeltaTable.forPath(spark, text));
    }

    @Override
    public Dataset<Row> read(SparkSession spark, long version) {
      return DamagedTable.refusing(
          text, () -> spark.read().format("delta").option("versionAsOf", version).load(text));
    }

    private LogFolder log(SparkSession spark) {
      return new LogFolder(files(spark), new Path(text, LOG));
    }

    /** From the file names in the log: unlike Delta's history, that takes no Spark job. */
    @Override
    public Newest newest(SparkSession spark) {
      try {
        return log(spark).newest();
      } catch (IOException e) {
        throw new DataRefusedException(
            "The log of the table %s cannot be read: %s. Check the rights on it."
                .formatted(text, e.getMessage()),
            e);
      }
    }

    /** From the log's own sum, which takes no Spark job, if there is one. */
    @Override
    public Detail detail(SparkSession spark) {
      return inLog(spark, LogFolder::detail, () -> DeltaLocation.super.detail(spark));
    }

    /** From the log's own sum, as {@link #detail}. */
    @Override
    public StructType schema(SparkSession spark) {
      return inLog(spark, LogFolder::schema, () -> DeltaLocation.super.schema(spark));
    }

    /** From the version's commit, which takes no Spark job, if it wrote all files. */
    @Override
    public List<String> files(SparkSession spark, long version) {
      return inLog(
          spark, log -> log.files(version), () -> DeltaLocation.super.files(spark, version));
    }

    private interface Look<T> {
      Optional<T> in(LogFolder log) throws IOException;
    }

    private <T> T inLog(SparkSession spark, Look<T> look, Supplier<T> byDelta) {
      try {
        return look.in(log(spark)).orElseGet(byDelta);
      } catch (IOException e) {
        return byDelta.get(); // Delta names what is wrong with the log
      }
    }

    /** From the log's files, which takes no Spark job. */
    @Override
    public Stream<DeltaCommit> commits(SparkSession spark, long from, int limit) {
      try {
        return log(spark).commits(from, limit);
      } catch (IOException e) {
        return DeltaLocation.super.commits(spark, from, limit);
      }
    }

    @Override
    public void requireRoom(SparkSession spark) {
      if (exists(spark)) {
        return;
      }
      try {
        Path root = new Path(text);
        FileSystem files = files(spark);
        for (Path outer = root.getParent(); outer != null; outer = outer.getParent()) {
          if (hasLog(files, outer).orElse(false)) {
            throw new DataRefusedException(
                "The table %s would be inside the table %s, whose next VACUUM would delete its files; give it a separate folder."
                    .formatted(text, outer));
          }
        }
        String folder = files.makeQualified(root).toUri().getPath() + "/";
        RemoteIterator<LocatedFileStatus> found = files.listFiles(root, true);
        while (found.hasNext()) {
          String path = found.next().getPath().toUri().getPath();
          String name = path.startsWith(folder) ? path.substring(folder.length()) : path;
          if (!UNFINISHED.matcher(name).matches()) {
            throw new DataRefusedException(
                "The folder %s has files that do not belong to a table, such as %s. They would become part of the new table, and the next VACUUM would delete them; name an empty or a new folder."
                    .formatted(text, name));
          }
        }
      } catch (FileNotFoundException e) {
        return; // nothing there
      } catch (IOException e) {
        throw new DataRefusedException(
            "The folder of the table %s cannot be listed: %s. Check its scheme and the rights on it."
                .formatted(text, e.getMessage()),
            e);
      }
    }

    /** Whether a folder has Delta's log; empty if this job may not look. */
    private static Optional<Boolean> hasLog(FileSystem files, Path folder) {
      try {
        return Optional.of(files.exists(new Path(folder, LOG)));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    @Override
    public void save(DataFrameWriter<Row> writer) {
      writer.save(text);
    }
  }

  record InCatalog(String text) implements DeltaLocation {
    @Override
    public String sql() {
      return text;
    }

    @Override
    public boolean exists(SparkSession spark) {
      return spark.catalog().tableExists(text);
    }

    @Override
    public DeltaTable open(SparkSession spark) {
      return DamagedTable.refusing(text, () -> DeltaTable.forName(spark, text));
    }

    @Override
    public Dataset<Row> read(SparkSession spark, long version) {
      return spark.read().format("delta").option("versionAsOf", version).table(text);
    }

    @Override
    public Newest newest(SparkSession spark) {
      return Newest.of(open(spark).history(1).select("version", "timestamp").first());
    }

    @Override
    public void save(DataFrameWriter<Row> writer) {
      writer.saveAsTable(text);
    }
  }
}
