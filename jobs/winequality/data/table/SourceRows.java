package winequality.data.table;

import static org.apache.spark.sql.functions.btrim;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.nanvl;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;

/**
 * The rows of a table that no ingest made, checked by the rules for CSV rows.
 *
 * <p>Numbers are cast to DOUBLE. Texts lose blanks at both ends. NaN and words for a missing value
 * are null.
 */
public final class SourceRows {

  /** Rule, column, value and reason. */
  public static final String REFUSAL = "_refusal";

  /** Where a row was checked: the row as the table has it, as JSON. */
  public static final String STORED = "_stored";

  /** What {@link String#strip} takes from the fields of CSV files. */
  private static final String BLANKS =
      IntStream.rangeClosed(0, Character.MAX_VALUE)
          .filter(Character::isWhitespace)
          .mapToObj(Character::toString)
          .collect(Collectors.joining());

  private final String name;
  private final Dataset<Row> stored;
  private final List<ColumnDescription> columns;

  private SourceRows(String name, Dataset<Row> stored, List<ColumnDescription> columns) {
    this.name = name;
    this.stored = stored;
    this.columns = columns;
  }

  /**
   * Opens a version and reads no row.
   *
   * @throws DataRefusedException with every column that the table lacks or has in another type
   */
  public static SourceRows open(
      SparkSession spark, TableVersion version, List<ColumnDescription> columns) {
    return of(version.location() + "@" + version.version(), version.read(spark), columns);
  }

  /**
   * The same for rows that have no version.
   *
   * @param name of their source, for messages and the quarantine table
   */
  public static SourceRows of(String name, Dataset<Row> stored, List<ColumnDescription> columns) {
    List<String> names = Arrays.asList(stored.columns());
    List<String> problems =
        columns.stream()
            .map(column -> problem(column, names, stored))
            .flatMap(Optional::stream)
            .toList();
    if (!problems.isEmpty()) {
      throw new DataRefusedException(
          "%s does not fit dataset.columns: %s. It has the columns %s."
              .formatted(name, String.join("; ", problems), names));
    }
    return new SourceRows(name, stored, columns);
  }

  private static Optional<String> problem(
      ColumnDescription column, List<String> names, Dataset<Row> stored) {
    String header = column.header();
    if (!column.isField()) {
      return Optional.of(
          "\"%s\" has a value by file, which only CSV files can have; add the column to the table"
              .formatted(column.name()));
    }
    if (!names.contains(header)) {
      return Optional.of(
          names.stream().anyMatch(header::equalsIgnoreCase)
              ? "it lacks \"%s\", as upper and lower case count; give the column its name there as its header in dataset.columns"
                  .formatted(header)
              : "it lacks \"%s\"; a column that has another name there needs that name as its header in dataset.columns"
                  .formatted(header));
    }
    DataType type = stored.schema().apply(header).dataType();
    boolean category = column.kind() instanceof ColumnKind.Category;
    return (category ? type instanceof StringType : type instanceof NumericType)
        ? Optional.empty()
        : Optional.of(
            "\"%s\" is %s, and a %s is %s; cast it in the source%s"
                .formatted(
                    header,
                    type.simpleString(),
                    category ? "category" : "number",
                    category ? "a string" : "a tinyint up to a double, or a decimal",
                    type instanceof StringType ? ", or describe it with kind = category" : ""));
  }

  /** A table with its version, as path@3; or the path of files. */
  public String name() {
    return name;
  }

  /** The number of all rows, which Delta and Parquet know without reading them. */
  public long count() {
    return stored.count();
  }

  /** The rows that meet every rule, with the columns of the description, read lazily. */
  public Dataset<Row> accepted() {
    return stored
        .filter(sound())
        .select(columns.stream().map(column -> column.named(value(column))).toArray(Column[]::new));
  }

  /**
   * All rows with all columns. Those of the description have its names and values, and take
   * precedence over others with such a name; {@link #REFUSAL} is why a row is refused, or null.
   * {@link #STORED} has all values as they are in the table.
   */
  public Dataset<Row> checked() {
    Stream<Column> others =
        Stream.of(stored.columns())
            .filter(
                name ->
                    columns.stream()
                        .noneMatch(
                            column ->
                                column.header().equals(name)
                                    || column.name().equalsIgnoreCase(name)))
            .map(name -> col(Columns.quoted(name)));
    Stream<Column> values = columns.stream().map(column -> value(column).as(column.name()));
    Column row = RowRefusal.stored(List.of(stored.columns())).as(STORED);
    return stored.select(
        Stream.of(others, values, Stream.of(broken().as(REFUSAL), row))
            .flatMap(all -> all)
            .toArray(Column[]::new));
  }

  /** The other rows, as rows of the quarantine table; the file is the table with its version. */
  public Dataset<Row> refused() {
    return stored
        .filter(not(sound()))
        .select(broken().as(REFUSAL), RowRefusal.stored(List.of(stored.columns())).as("raw"))
        .select(
            col(REFUSAL + ".*"),
            col("raw"),
            lit(null).cast(DataTypes.BinaryType).as("raw_bytes"),
            lit(name).as("file"),
            lit(null).cast(DataTypes.LongType).as("line"));
  }

  /** The first rule that a row breaks; null if it breaks none. */
  private Column broken() {
    return coalesce(
        columns.stream()
            .map(column -> when(not(fits(column)), why(column)))
            .toArray(Column[]::new));
  }

  /** Plain comparisons, because they are fast; never null. */
  private Column sound() {
    // not a chain of "and": Spark walks down a chain by recursion, and its stack ends at 1,000
    return least(
        Stream.concat(Stream.of(lit(true), lit(true)), columns.stream().map(SourceRows::fits))
            .toArray(Column[]::new));
  }

  private static Column fits(ColumnDescription column) {
    Column value = value(column);
    Column fits;
    if (column.kind() instanceof ColumnKind.Category category) {
      fits =
          category.levels().isEmpty() || category.mayBeMissing()
              ? when(value.isNotNull(), lit(true))
              : value.isin(category.levels().toArray());
    } else {
      fits = RowRefusal.isFinite(value);
      if (column.min() != Double.NEGATIVE_INFINITY) {
        fits = fits.and(value.geq(lit(column.min())));
      }
      if (column.max() != Double.POSITIVE_INFINITY) {
        fits = fits.and(value.leq(lit(column.max())));
      }
    }
    return coalesce(fits, lit(column.kind().mayBeMissing()));
  }

  /** The rule that a value breaks which does not fit. */
  private static Column why(ColumnDescription column) {
    String name = column.name();
    Column value = value(column);
    Column text = stored(column).cast(DataTypes.StringType);
    Column shown = RowRefusal.shown(text);
    String quote = column.kind() instanceof ColumnKind.Category ? "\"" : "";
    Column missing =
        when(stored(column).isNull(), RowRefusal.missing(name))
            .when(
                value.isNull(),
                refusal(name, "missing", shown, quote, "it stands for a missing value"));
    return column.kind() instanceof ColumnKind.Category
        ? missing.otherwise(
            refusal(
                name, "unknown-level", shown, quote, "it is none of the levels in dataset.columns"))
        : missing
            .when(
                not(RowRefusal.isFinite(value)),
                refusal(name, "not-finite", shown, quote, "it must be finite"))
            .otherwise(refusal(name, "out-of-range", shown, quote, column.range()));
  }

  private static Column refusal(String name, String how, Column shown, String quote, String must) {
    return RowRefusal.ofValue(
        name, how, shown, concat(lit(name + " is " + quote), shown, lit(quote + "; " + must)));
  }

  /** Null for a missing value. */
  private static Column value(ColumnDescription column) {
    if (column.kind() instanceof ColumnKind.Category category) {
      Column text = btrim(stored(column), lit(BLANKS));
      List<String> words = new ArrayList<>(List.of(""));
      column.missingTexts().forEach(word -> words.add(word.toLowerCase(Locale.ROOT)));
      // a given level is one even if it is also a word for a missing value
      Column level = text.isin(category.levels().toArray());
      return when(level.or(not(lower(text).isin(words.toArray()))), text);
    }
    Column number = nanvl(stored(column).cast(DataTypes.DoubleType), lit(null));
    Object[] words = DoubleStream.of(column.missingNumbers()).boxed().toArray();
    return words.length == 0 ? number : when(not(number.isin(words)), number);
  }

  private static Column stored(ColumnDescription column) {
    return col(Columns.quoted(column.header()));
  }
}
