package winequality.data.table;

import elasticnet.split.Columns;
import io.delta.tables.DeltaTable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import winequality.data.DataRefusedException;
import winequality.data.csv.PathSpelling;

/**
 * Where a Delta table is: at a path, or under a name in the catalog.
 *
 * <p>Whatever has a slash or a colon is a path; everything else is a name of one to three parts.
 */
public sealed interface DeltaLocation {

  /** The location as people give it, with a path's scheme filled in. */
  String text();

  /** The location as a statement in SQL names it. */
  String sql();

  boolean exists(SparkSession spark);

  DeltaTable open(SparkSession spark);

  /** The rows as they are now. */
  default Dataset<Row> rows(SparkSession spark) {
    return open(spark).toDF();
  }

  /** Delta's own name for the table, another one if it is dropped and made anew. */
  default String id(SparkSession spark) {
    return open(spark).detail().select("id").first().getString(0);
  }

  Dataset<Row> read(SparkSession spark, long version);

  /** A version and when it was written. */
  record Newest(long version, Instant written) {}

  /** The newest version of a table that exists. */
  Newest newest(SparkSession spark);

  /** Writes into a table that exists. */
  void save(DataFrameWriter<Row> writer);

  /**
   * Begins a table that does not exist. Only this way of Spark's carries properties of one's own in
   * the commit that brings the rows; {@link #save} passes those of Delta on and no others.
   */
  default DataFrameWriterV2<Row> creation(Dataset<Row> rows) {
    return rows.writeTo(sql()).using("delta");
  }

  /**
   * Looks whether a new table may begin here: what lies in its folder becomes the table's, and the
   * next VACUUM deletes it. Files that an unfinished first write has left are no hindrance.
   *
   * @throws DataRefusedException if the folder has files of something else, or is a table's
   */
  default void requireRoom(SparkSession spark) {
    // a catalog sees to its places itself
  }

  static DeltaLocation of(String location) {
    return location.contains("/") || location.contains(":")
        ? new AtPath(location)
        : new InCatalog(location);
  }

  /** As {@link #of}, with a relative path made absolute, so that it means the same elsewhere. */
  static DeltaLocation resolved(String location, SparkSession spark) {
    if (!(of(location) instanceof AtPath at)) {
      return of(location);
    }
    try {
      Configuration hadoop = spark.sparkContext().hadoopConfiguration();
      Path path = new Path(PathSpelling.hadoop(at.text(), hadoop));
      return new AtPath(path.getFileSystem(hadoop).makeQualified(path).toString());
    } catch (IOException e) {
      throw new DataRefusedException(
          "The table path \"%s\" cannot be used: %s. Check its scheme and the rights on it."
              .formatted(location, e.getMessage()),
          e);
    }
  }

  /** A table at a path. */
  record AtPath(String text) implements DeltaLocation {

    private static final String LOG = "_delta_log";
    private static final Pattern ROWS = Pattern.compile("(.*/)?part-[^/]*\\.parquet");
    private static final int DIGITS = 20;
    private static final Pattern COMMIT = Pattern.compile("\\d{" + DIGITS + "}\\.json");

    @Override
    public String sql() {
      return "delta." + Columns.quoted(text);
    }

    @Override
    public boolean exists(SparkSession spark) {
      // Delta says so of a folder inside a table too
      return DeltaTable.isDeltaTable(spark, text) && isTable(files(spark), new Path(text), true);
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
      return DeltaTable.forPath(spark, text);
    }

    @Override
    public Dataset<Row> read(SparkSession spark, long version) {
      return spark.read().format("delta").option("versionAsOf", version).load(text);
    }

    /** By the names in the table's log, which takes no job as Delta's history does. */
    @Override
    public Newest newest(SparkSession spark) {
      try {
        Path log = new Path(text, LOG);
        return Arrays.stream(files(spark).listStatus(log))
            .filter(file -> COMMIT.matcher(file.getPath().getName()).matches())
            .map(
                file ->
                    new Newest(
                        Long.parseLong(file.getPath().getName().substring(0, DIGITS)),
                        Instant.ofEpochMilli(file.getModificationTime())))
            .max(Comparator.comparingLong(Newest::version))
            .orElseThrow(() -> new IOException("no commit in " + log));
      } catch (IOException e) {
        throw new DataRefusedException(
            "The log of the table %s cannot be read: %s. See to the rights on it."
                .formatted(text, e.getMessage()),
            e);
      }
    }

    @Override
    public void requireRoom(SparkSession spark) {
      try {
        Path root = new Path(text);
        FileSystem files = files(spark);
        for (Path outer = root.getParent(); outer != null; outer = outer.getParent()) {
          if (isTable(files, outer, false)) {
            throw new DataRefusedException(
                "The table %s would lie inside the table %s, whose next VACUUM would delete its files; give it a folder of its own."
                    .formatted(text, outer));
          }
        }
        String folder = files.makeQualified(root).toUri().getPath() + "/";
        RemoteIterator<LocatedFileStatus> found = files.listFiles(root, true);
        while (found.hasNext()) {
          String path = found.next().getPath().toUri().getPath();
          String name = path.startsWith(folder) ? path.substring(folder.length()) : path;
          if (!isUnfinished(name)) {
            throw new DataRefusedException(
                "The folder %s has files that are no table's, such as %s. A table there would take them for its own, and the next VACUUM would delete them; name an empty folder, or one that is not there."
                    .formatted(text, name));
          }
        }
      } catch (FileNotFoundException e) {
        return; // nothing there
      } catch (IOException e) {
        throw new DataRefusedException(
            "The folder of the table %s cannot be looked into: %s. Check its scheme and the rights on it."
                .formatted(text, e.getMessage()),
            e);
      }
    }

    /** Whether Delta's log is in a folder, or what is taken for true if one may not look. */
    private static boolean isTable(FileSystem files, Path folder, boolean unseen) {
      try {
        return files.exists(new Path(folder, LOG));
      } catch (IOException e) {
        return unseen;
      }
    }

    /** Of a table's own log, of rows without a commit, or hidden, which VACUUM leaves alone. */
    private static boolean isUnfinished(String name) {
      return name.startsWith(LOG + "/")
          || name.startsWith(".")
          || name.contains("/.")
          || ROWS.matcher(name).matches();
    }

    @Override
    public void save(DataFrameWriter<Row> writer) {
      writer.save(text);
    }
  }

  /** A table in the catalog. */
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
      return DeltaTable.forName(spark, text);
    }

    @Override
    public Dataset<Row> read(SparkSession spark, long version) {
      return spark.read().format("delta").option("versionAsOf", version).table(text);
    }

    @Override
    public Newest newest(SparkSession spark) {
      Row commit = open(spark).history(1).select("version", "timestamp").first();
      return new Newest(commit.getLong(0), commit.<Timestamp>getAs(1).toInstant());
    }

    @Override
    public void save(DataFrameWriter<Row> writer) {
      writer.saveAsTable(text);
    }
  }
}
