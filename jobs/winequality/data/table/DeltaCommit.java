package winequality.data.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.sql.Row;

/**
 * A commit of a Delta table.
 *
 * @param facts the writer's {@code userMetadata}; a missing node unless that is JSON
 */
public record DeltaCommit(
    long version, String operation, Map<String, String> metrics, JsonNode facts) {

  /** Delta's protocol lets a writer leave out what it did. */
  private static final String UNKNOWN = "unknown";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Operations that do not change the rows. */
  private static final Set<String> SAME_ROWS =
      Set.of(
          "OPTIMIZE",
          "VACUUM START",
          "VACUUM END",
          "SET TBLPROPERTIES",
          "UNSET TBLPROPERTIES",
          "ADD CONSTRAINT",
          "DROP CONSTRAINT",
          "CHANGE COLUMN",
          "UPGRADE PROTOCOL",
          "CLUSTER BY",
          "COMPUTE STATISTICS");

  /** From the columns version, operation, operationMetrics and userMetadata of Delta's history. */
  static DeltaCommit of(Row row) {
    return new DeltaCommit(
        row.getLong(0),
        row.isNullAt(1) ? UNKNOWN : row.getString(1),
        row.isNullAt(2) ? Map.of() : row.getJavaMap(2),
        row.isNullAt(3) ? MissingNode.getInstance() : facts(row.getString(3)));
  }

  /** From the action commitInfo of a commit's file, which Delta's history shows. */
  static DeltaCommit of(long version, JsonNode info) {
    Map<String, String> metrics = new HashMap<>();
    info.path("operationMetrics")
        .properties()
        .forEach(metric -> metrics.put(metric.getKey(), metric.getValue().asText()));
    return new DeltaCommit(
        version,
        info.path("operation").asText(UNKNOWN),
        metrics,
        facts(info.path("userMetadata").asText()));
  }

  private static JsonNode facts(String userMetadata) {
    try {
      return JSON.readTree(userMetadata);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance(); // another writer's own text
    }
  }

  public Optional<String> fact(String name) {
    return facts.hasNonNull(name) ? Optional.of(facts.get(name).asText()) : Optional.empty();
  }

  /** How many rows it wrote, if Delta recorded that. */
  public OptionalLong newRows() {
    String rows = metrics.get("numOutputRows");
    return rows == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(rows));
  }

  /** Whether the operation changes no row. */
  public boolean leavesRows() {
    return SAME_ROWS.contains(operation);
  }
}
