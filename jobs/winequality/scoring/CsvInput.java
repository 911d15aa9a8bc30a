package winequality.scoring;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.Fingerprint;
import winequality.model.ColumnType;
import winequality.model.ModelSignature;

/**
 * CSV files with a header, comma or semicolon between the fields, read by Spark's own reader as
 * text. The version is a name for the list of files, their lengths and times.
 */
record CsvInput(
    String location, String version, List<String> columns, Dataset<Row> rows, SparkSession spark)
    implements ScoringInput {

  /** The line, where it has more or fewer fields than the header; else null. */
  private static final String LINE = "_line";

  private static final int VERSION_DIGITS = 16;

  /** Files have no name besides what they are. */
  @Override
  public String identity() {
    return version;
  }

  static CsvInput open(SparkSession spark, String location, ModelSignature signature) {
    try {
      List<String> byComma = header(spark, location, ",");
      List<String> bySemicolon = header(spark, location, ";");
      boolean semicolon = found(bySemicolon, signature) > found(byComma, signature);
      List<String> columns = semicolon ? bySemicolon : byComma;
      StructType schema = new StructType();
      for (String column : columns) {
        schema = schema.add(column, DataTypes.StringType);
      }
      Dataset<Row> rows =
          reader(spark, semicolon ? ";" : ",")
              .schema(schema.add(LINE, DataTypes.StringType))
              .option("columnNameOfCorruptRecord", LINE)
              .option("mode", "PERMISSIVE")
              // a line that is too long is one also where its last fields are not asked for
              .option("columnPruning", false)
              // a file whose header names other columns ends the job
              .option("enforceSchema", false)
              .csv(location);
      return new CsvInput(location, version(spark, rows), columns, rows, spark);
    } catch (Exception e) {
      // checked exceptions that Spark's Scala does not declare
      if (e instanceof AnalysisException || e instanceof IOException) {
        throw new DataRefusedException(
            "scoring.source \"%s\" is no Delta table and cannot be read as CSV: %s Check the path and the rights on it."
                .formatted(location, firstLine(e)),
            e);
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  private static DataFrameReader reader(SparkSession spark, String separator) {
    return spark
        .read()
        .option("header", true)
        .option("sep", separator)
        .option("escape", "\"")
        .option("encoding", "UTF-8");
  }

  private static List<String> header(SparkSession spark, String location, String separator) {
    return Arrays.asList(reader(spark, separator).csv(location).columns());
  }

  private static long found(List<String> names, ModelSignature signature) {
    return signature.inputs().stream().filter(input -> names.contains(input.name())).count();
  }

  private static String version(SparkSession spark, Dataset<Row> rows) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    List<String> files = new ArrayList<>();
    for (String file : rows.inputFiles()) {
      Path path = new Path(java.net.URI.create(file));
      FileStatus status = path.getFileSystem(hadoop).getFileStatus(path);
      files.add(path + "\t" + status.getLen() + "\t" + status.getModificationTime());
    }
    if (files.isEmpty()) {
      throw new IOException("there is no file.");
    }
    files.sort(null);
    return Fingerprint.of(String.join("\n", files)).substring(0, VERSION_DIGITS);
  }

  @Override
  public Column readable() {
    return col(LINE).isNull();
  }

  @Override
  public Unreadable unreadable() {
    return new Unreadable(
        "wrong-number-of-fields", "the line has more or fewer fields than the header");
  }

  /**
   * Spark's cast takes what Java takes for a number; {@code 1d}, {@code 2f} and {@code 0x1p3} are
   * none in any other reader of the same file, nor in training.
   */
  @Override
  public Column value(ModelSignature.Column input) {
    Column text = trim(text(input));
    Column value = text.try_cast(input.type().sparkType());
    if (input.type() != ColumnType.DOUBLE && input.type() != ColumnType.FLOAT) {
      return input.type() == ColumnType.STRING ? text(input) : value;
    }
    Column foreign =
        lower(substring(text, -1, 1)).isin("d", "f").or(lower(text).contains(lit("x")));
    return when(foreign.and(abs(value).leq(lit(Double.MAX_VALUE))), lit(null)).otherwise(value);
  }

  @Override
  public Column text(ModelSignature.Column input) {
    return col(ColumnDescription.quoted(input.name()));
  }

  @Override
  public Optional<String> mismatch(ModelSignature.Column input) {
    if (input.type() == ColumnType.BINARY) {
      return Optional.of("\"%s\" is binary, which a CSV file cannot hold".formatted(input.name()));
    }
    return columns.contains(input.name()) || input.presence() == ModelSignature.Presence.OPTIONAL
        ? Optional.empty()
        : Optional.of("\"%s\" is missing".formatted(input.name()));
  }

  @Override
  public void requireUnchanged() {
    String now;
    try {
      now = version(spark, rows);
    } catch (IOException e) {
      now = "gone (" + e.getMessage() + ")";
    }
    if (!now.equals(version)) {
      throw new DataRefusedException(
          "The files of %s were changed while they were scored; run the job again when they rest."
              .formatted(location));
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
  }
}
