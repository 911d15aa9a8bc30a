package winequality.data.profile;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapGroupsFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import scala.Tuple2;
import winequality.SafeText;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;

/**
 * Profiles a table in one pass, and a second one if there are categories.
 *
 * <p>The result does not depend on the partitions, except in the last digits of means and standard
 * deviations. The driver receives at most 256 kB per column.
 */
public final class TableProfiler {

  private static final Encoder<Tuple2<Integer, byte[]>> PARTIALS =
      Encoders.tuple(Encoders.INT(), Encoders.BINARY());

  /** Rows of which a task holds the hashes, 8 MB. */
  private static final int HASHES = 1 << 20;

  /** Most levels of a category that does not give them. */
  private static final int LEVELS = 1000;

  /** Characters of a text in a message. */
  private static final int SHOWN = 40;

  private final DatasetDescription dataset;

  public TableProfiler(DatasetDescription dataset) {
    this.dataset = dataset;
  }

  /**
   * Profiles rows; a value that is not finite counts as missing.
   *
   * @throws DataRefusedException if a category without given levels has more than 1,000
   */
  public TableProfile profile(Dataset<Row> rows) {
    List<ColumnDescription> numbers =
        dataset.columns().stream().filter(column -> !column.isCategory()).toList();
    List<Column> columns = numbers.stream().map(column -> orNan(column.quoted())).toList();
    int width = columns.size();
    List<Column> entries = new ArrayList<>(columns);
    List<Column> texts =
        dataset.columns().stream()
            .filter(ColumnDescription::isCategory)
            .map(column -> col(column.quoted()))
            // a hash ignores nulls
            .flatMap(column -> Stream.of(column, column.isNull()))
            .toList();
    if (!texts.isEmpty()) {
      // a double holds 32 bits as they are
      Column hash = xxhash64(texts.toArray(Column[]::new));
      entries.add(shiftrightunsigned(hash, 32).cast(DataTypes.DoubleType));
      entries.add(hash.bitwiseAND(0xffffffffL).cast(DataTypes.DoubleType));
    }
    Dataset<double[]> values =
        rows.select(array(entries.toArray(Column[]::new)))
            .as(rows.sparkSession().implicits().newDoubleArrayEncoder());
    ColumnSketch[] sketches = sketches(width);
    long distinct = 0;
    // each column is merged by one task, so that the driver receives one sketch per column
    for (Tuple2<Integer, byte[]> merged :
        values
            .mapPartitions(
                (MapPartitionsFunction<double[], Tuple2<Integer, byte[]>>)
                    partition -> new Partials(partition, width),
                PARTIALS)
            .groupByKey((MapFunction<Tuple2<Integer, byte[]>, Integer>) Tuple2::_1, Encoders.INT())
            .mapGroups(
                (MapGroupsFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>)
                    TableProfiler::merged,
                PARTIALS)
            .collectAsList()) {
      if (merged._1() < 0) {
        distinct += ByteBuffer.wrap(merged._2()).getInt();
      } else {
        sketches[merged._1()] = ColumnSketch.ofBytes(merged._2());
      }
    }
    Map<String, ColumnProfile> profiles = categories(rows);
    for (int i = 0; i < width; i++) {
      profiles.put(numbers.get(i).name(), sketches[i].profile(numbers.get(i)));
    }
    List<ColumnProfile> inOrder =
        dataset.columns().stream().map(column -> profiles.get(column.name())).toList();
    long count = inOrder.get(0).count() + inOrder.get(0).nulls();
    return new TableProfile(count, count - distinct, inOrder);
  }

  /** Levels are counted by Spark; the driver receives no more than are allowed. */
  private Map<String, ColumnProfile> categories(Dataset<Row> rows) {
    List<ColumnDescription> categories =
        dataset.columns().stream().filter(ColumnDescription::isCategory).toList();
    Map<String, ColumnProfile> profiles = new HashMap<>();
    if (categories.isEmpty()) {
      return profiles;
    }
    Column[] texts =
        IntStream.range(0, categories.size())
            .mapToObj(i -> struct(lit(i).as("place"), level(categories.get(i)).as("level")))
            .toArray(Column[]::new);
    List<Row> counted =
        rows.select(explode(array(texts)).as("text"))
            .groupBy("text.place", "text.level")
            .count()
            // with one level more than all categories may have together, one of them has too many
            .limit(categories.stream().mapToInt(TableProfiler::most).sum() + 1)
            .collectAsList();
    for (int i = 0; i < categories.size(); i++) {
      int place = i;
      profiles.put(
          categories.get(i).name(),
          category(
              categories.get(i), counted.stream().filter(row -> row.getInt(0) == place).toList()));
    }
    return profiles;
  }

  private static List<String> given(ColumnDescription column) {
    return column.kind() instanceof ColumnKind.Category category ? category.levels() : List.of();
  }

  /** Most rows that count a category: its levels, the unknown ones and nulls. */
  private static int most(ColumnDescription column) {
    return (given(column).isEmpty() ? LEVELS : given(column).size()) + 2;
  }

  private static Column level(ColumnDescription column) {
    Column text = col(column.quoted());
    List<String> given = given(column);
    return given.isEmpty()
        ? text
        : when(text.isNull().or(text.isin(given.toArray())), text)
            .otherwise(lit(ColumnProfile.UNKNOWN));
  }

  private static ColumnProfile category(ColumnDescription column, List<Row> counted) {
    TreeMap<String, Long> levels = new TreeMap<>();
    long nulls = 0;
    for (Row row : counted) {
      if (row.isNullAt(1)) {
        nulls = row.getLong(2);
      } else {
        levels.put(row.getString(1), row.getLong(2));
      }
    }
    if (given(column).isEmpty() && levels.size() > LEVELS) {
      throw new DataRefusedException(
          "The category \"%s\" has more than %d different texts, such as %s; an identifier cannot be a category. Leave the column out of dataset.columns, or give it levels."
              .formatted(
                  column.name(),
                  LEVELS,
                  levels.keySet().stream()
                      .limit(3)
                      .map(text -> SafeText.shortened(text, SHOWN))
                      .collect(Collectors.joining("\", \"", "\"", "\""))));
    }
    Histogram histogram =
        new Histogram(
            levels.isEmpty()
                ? List.of()
                : IntStream.rangeClosed(0, levels.size()).mapToObj(i -> (double) i).toList(),
            List.copyOf(levels.values()));
    return ColumnProfile.of(
        column.name(),
        column.unit(),
        histogram.counts().stream().mapToLong(Long::longValue).sum(),
        nulls,
        Collections.nCopies(ColumnProfile.FIGURES.size(), Double.NaN),
        histogram,
        List.copyOf(levels.keySet()));
  }

  /** A column's sketch, or the number of a part's distinct rows. */
  private static Tuple2<Integer, byte[]> merged(
      Integer key, Iterator<Tuple2<Integer, byte[]>> partials) {
    Stream<byte[]> all =
        Stream.generate(() -> partials.hasNext() ? partials.next()._2() : null)
            .takeWhile(Objects::nonNull);
    if (key < 0) {
      int rows = RowHashes.distinct(all);
      return new Tuple2<>(key, ByteBuffer.allocate(Integer.BYTES).putInt(rows).array());
    }
    ColumnSketch sketch = new ColumnSketch();
    all.forEach(partial -> sketch.merge(ColumnSketch.ofBytes(partial)));
    return new Tuple2<>(key, sketch.toBytes());
  }

  /** The column with NaN for null, which a primitive array cannot hold. */
  static Column orNan(String quoted) {
    return coalesce(col(quoted).cast(DataTypes.DoubleType), lit(Double.NaN));
  }

  private static ColumnSketch[] sketches(int width) {
    return Stream.generate(ColumnSketch::new).limit(width).toArray(ColumnSketch[]::new);
  }

  /**
   * What one partition gives: parts of its rows' hashes under the keys −1, −2, …, whenever many
   * rows have been read, and at the end a sketch of each column under its place.
   */
  private static final class Partials implements Iterator<Tuple2<Integer, byte[]>> {
    private final Iterator<double[]> rows;
    private final ColumnSketch[] sketches;
    private final RowHashes hashes = new RowHashes();
    private Iterator<Tuple2<Integer, byte[]>> ready = Collections.emptyIterator();
    private boolean ended;

    Partials(Iterator<double[]> rows, int width) {
      this.rows = rows;
      this.sketches = sketches(width);
    }

    @Override
    public boolean hasNext() {
      while (!ready.hasNext() && !ended) {
        while (rows.hasNext() && hashes.rows() < HASHES) {
          double[] row = rows.next();
          for (int i = 0; i < sketches.length; i++) {
            sketches[i].add(row[i]);
          }
          hashes.add(row);
        }
        ended = !rows.hasNext();
        Stream<Tuple2<Integer, byte[]>> parts =
            hashes.takeParts().entrySet().stream()
                .map(part -> new Tuple2<>(-1 - part.getKey(), part.getValue()));
        Stream<Tuple2<Integer, byte[]>> columns =
            IntStream.range(0, ended ? sketches.length : 0)
                .mapToObj(i -> new Tuple2<>(i, sketches[i].toBytes()));
        ready = Stream.concat(parts, columns).iterator();
      }
      return ready.hasNext();
    }

    @Override
    public Tuple2<Integer, byte[]> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.next();
    }
  }
}
