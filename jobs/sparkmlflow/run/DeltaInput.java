package sparkmlflow.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.util.List;
import java.util.Locale;
import sparkmlflow.tracking.DatasetEntry;

/**
 * Rows of a Delta table at a version, as an input of the run.
 *
 * @param use what the run did with them
 * @param name shown in the UI
 * @param digest at most 36 characters, different for different rows: the server takes two inputs
 *     with one name and digest for one
 * @param path of the table
 * @param version of the table
 * @param columns names of the columns, which are of type {@code double}
 * @param rows how many
 */
public record DeltaInput(
    Use use,
    String name,
    String digest,
    String path,
    long version,
    List<String> columns,
    long rows) {

  /** What the run did with the rows. */
  public enum Use {
    TRAINING,
    TESTING
  }

  private static final ObjectMapper JSON =
      new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  public DeltaInput {
    columns = List.copyOf(columns);
  }

  /** The texts that MLflow stores; the keys are those of Python's DeltaDatasetSource. */
  DatasetEntry entry() {
    return new DatasetEntry(
        use.name().toLowerCase(Locale.ROOT),
        name,
        digest,
        "delta_table",
        json(new Source(path, version)),
        json(
            new Schema(
                columns.stream().map(column -> new ColumnSpec("double", column, true)).toList())),
        json(new Profile(rows)));
  }

  private record Source(String path, long deltaTableVersion) {}

  private record Schema(List<ColumnSpec> mlflowColspec) {}

  private record ColumnSpec(String type, String name, boolean required) {}

  private record Profile(long numRows) {}

  private static String json(Object value) {
    return JSON.valueToTree(value).toString();
  }
}
