package winequality.tracking;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import winequality.mlflow.DatasetEntry;

/**
 * Rows of a Delta table at a version, as an input of the run.
 *
 * @param use what the run did with them
 * @param name shown in the UI
 * @param digest at most 36 characters, different for different rows: the server takes two inputs
 *     with one name and digest for one
 * @param path of the table
 * @param version of the table
 * @param columns what the rows consist of
 * @param rows how many
 */
public record DeltaInput(
    Use use,
    String name,
    String digest,
    String path,
    long version,
    List<Column> columns,
    long rows) {

  /** What the run did with the rows. */
  public enum Use {
    TRAINING("training"),
    TESTING("testing");

    private final String context;

    Use(String context) {
      this.context = context;
    }
  }

  /**
   * A column.
   *
   * @param type in MLflow's words: {@code double}, {@code long}, {@code string}, ...
   */
  public record Column(String name, String type) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  public DeltaInput {
    columns = List.copyOf(columns);
  }

  /** The texts that MLflow stores; the keys are those of Python's DeltaDatasetSource. */
  DatasetEntry entry() {
    ObjectNode source =
        JSON.createObjectNode().put("path", path).put("delta_table_version", version);
    ObjectNode schema = JSON.createObjectNode();
    ArrayNode specs = schema.putArray("mlflow_colspec");
    columns.forEach(
        column ->
            specs
                .addObject()
                .put("type", column.type())
                .put("name", column.name())
                .put("required", true));
    ObjectNode profile = JSON.createObjectNode().put("num_rows", rows);
    return new DatasetEntry(
        use.context,
        name,
        digest,
        "delta_table",
        source.toString(),
        schema.toString(),
        profile.toString());
  }
}
