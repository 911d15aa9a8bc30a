package sparkmlflow.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import sparkmlflow.wire.RestCalls;

/**
 * Rows of a version of a Delta table, all columns {@code double}, as an input of the run.
 *
 * @param digest at most 36 characters, and different for different rows: the server treats two
 *     inputs with the same name and digest as one
 */
public record DeltaInput(
    Use use,
    String name,
    String digest,
    String path,
    long version,
    List<String> columns,
    long rows) {

  public enum Use {
    TRAINING,
    TESTING
  }

  public DeltaInput {
    columns = List.copyOf(columns);
  }

  /** As MLflow stores it; the keys of the source are those of Python's DeltaDatasetSource. */
  ObjectNode entry() {
    if (name.isBlank() || name.length() > 500) {
      throw new IllegalArgumentException(
          "the data set's name has " + name.length() + " characters; MLflow accepts 1 to 500");
    }
    if (digest.isBlank() || digest.length() > 36) {
      throw new IllegalArgumentException(
          "the digest of data set %s has %d characters; MLflow accepts 1 to 36"
              .formatted(name, digest.length()));
    }
    ObjectNode source =
        RestCalls.JSON.createObjectNode().put("path", path).put("delta_table_version", version);
    ObjectNode schema = RestCalls.JSON.createObjectNode();
    ArrayNode specs = schema.putArray("mlflow_colspec");
    for (String column : columns) {
      specs.addObject().put("type", "double").put("name", column).put("required", true);
    }
    ObjectNode entry = RestCalls.JSON.createObjectNode();
    String context = use.name().toLowerCase(Locale.ROOT);
    entry.putArray("tags").addObject().put("key", "mlflow.data.context").put("value", context);
    entry
        .putObject("dataset")
        .put("name", name)
        .put("digest", digest)
        .put("source_type", "delta_table")
        .put("source", source.toString())
        .put("schema", schema.toString())
        .put("profile", RestCalls.JSON.createObjectNode().put("num_rows", rows).toString());
    return entry;
  }
}
