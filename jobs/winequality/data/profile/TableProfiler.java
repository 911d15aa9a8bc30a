package winequality.data.profile;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
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
import winequality.data.DatasetDescription;

/**
 * Profiles a table in two passes: one for all columns, one that counts distinct rows.
 *
 * <p>The result does not depend on the partitions, except in the last digits of means and standard
 * deviations. The driver receives at most 256 kB per column.
 */
public final class TableProfiler {

  private static final Encoder<Tuple2<Integer, byte[]>> SKETCHES =
      Encoders.tuple(Encoders.INT(), Encoders.BINARY());
  private static final long OTHER_SEED = 0x5DEECE66DL;

  private final DatasetDescription dataset;

  public TableProfiler(DatasetDescription dataset) {
    this.dataset = dataset;
  }

  /** Profiles rows; a value that is not finite counts as missing. */
  public TableProfile profile(Dataset<Row> rows) {
    List<Column> columns =
        dataset.columns().stream().map(column -> orNan(column.quoted())).toList();
    int width = columns.size();
    Dataset<double[]> values =
        rows.select(array(columns.toArray(Column[]::new)))
            .as(rows.sparkSession().implicits().newDoubleArrayEncoder());
    ColumnSketch[] sketches = sketches(width);
    // each column is merged by one task, so that the driver receives one sketch per column
    for (Tuple2<Integer, byte[]> merged :
        values
            .mapPartitions(
                (MapPartitionsFunction<double[], Tuple2<Integer, byte[]>>)
                    partition -> partials(partition, width),
                SKETCHES)
            .groupByKey((MapFunction<Tuple2<Integer, byte[]>, Integer>) Tuple2::_1, Encoders.INT())
            .mapGroups(
                (MapGroupsFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>)
                    TableProfiler::merged,
                SKETCHES)
            .collectAsList()) {
      sketches[merged._1()] = ColumnSketch.ofBytes(merged._2());
    }
    List<ColumnProfile> profiles = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      profiles.add(sketches[i].profile(dataset.columns().get(i)));
    }
    long count = profiles.get(0).count() + profiles.get(0).nulls();
    return new TableProfile(count, count - distinct(rows, columns), profiles);
  }

  /** By two 64-bit hashes, which are equal for two different rows with a probability of 2⁻¹²⁸. */
  private static long distinct(Dataset<Row> rows, List<Column> columns) {
    Column[] values = columns.toArray(Column[]::new);
    Column[] seeded =
        Stream.concat(Stream.of(lit(OTHER_SEED)), columns.stream()).toArray(Column[]::new);
    return rows.select(xxhash64(values).as("one"), xxhash64(seeded).as("other")).distinct().count();
  }

  private static Tuple2<Integer, byte[]> merged(
      Integer column, Iterator<Tuple2<Integer, byte[]>> partials) {
    ColumnSketch all = new ColumnSketch();
    partials.forEachRemaining(partial -> all.merge(ColumnSketch.ofBytes(partial._2())));
    return new Tuple2<>(column, all.toBytes());
  }

  /** The column with NaN for null, which a primitive array cannot hold. */
  static Column orNan(String quoted) {
    return coalesce(col(quoted).cast(DataTypes.DoubleType), lit(Double.NaN));
  }

  private static ColumnSketch[] sketches(int width) {
    return Stream.generate(ColumnSketch::new).limit(width).toArray(ColumnSketch[]::new);
  }

  private static Iterator<Tuple2<Integer, byte[]>> partials(Iterator<double[]> rows, int width) {
    ColumnSketch[] sketches = sketches(width);
    while (rows.hasNext()) {
      double[] row = rows.next();
      for (int i = 0; i < width; i++) {
        sketches[i].add(row[i]);
      }
    }
    List<Tuple2<Integer, byte[]>> partials = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      partials.add(new Tuple2<>(i, sketches[i].toBytes()));
    }
    return partials.iterator();
  }
}
