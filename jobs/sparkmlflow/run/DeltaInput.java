package sparkmlflow.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import sparkmlflow.tracking.DatasetEntry;
import sparkmlflow.wire.RestCalls;

/**
 * Rows of a version of a Delta table, as an input of the run.
 *
 * @param name shown in the UI
 * @param digest at most 36 characters, and different for different rows: the server treats two
 *     inputs with the same name and digest as one
 * @param path of the table
 * @param version of the table
 * @param columns names of the columns, all of type {@code double}
 * @param rows number of rows
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

  public DeltaInput {
    columns = List.copyOf(columns);
  }

  /** The texts that MLflow stores; the keys are those of Python's DeltaDatasetSource. */
  DatasetEntry entry() {
    ObjectNode source =
        RestCalls.JSON.createObjectNode().put("path", path).put("delta_table_version", version);
    ObjectNode schema = RestCalls.JSON.createObjectNode();
    ArrayNode specs = schema.putArray("mlflow_colspec");
    for (String column : columns) {
      specs.addObject().put("type", "double").put("name", column).put("required", true);
    }
    return new DatasetEntry(
        use.name().toLowerCase(Locale.ROOT),
        name,
        digest,
        "delta_table",
        source.toString(),
        schema.toString(),
        RestCalls.JSON.createObjectNode().put("num_rows", rows).toString());
  }
}
