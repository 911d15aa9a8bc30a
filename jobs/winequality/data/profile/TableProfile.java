package winequality.data.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The distributions of a table's columns at one version; drift is measured against it.
 *
 * @param duplicates rows minus distinct rows
 * @param columns in the order of the data set
 */
public record TableProfile(long rows, long duplicates, List<ColumnProfile> columns) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FIELDS =
      Stream.of(
              List.of("column", "unit", "count", "nulls"),
              ColumnProfile.FIGURES,
              List.of("histogram_edges", "histogram_counts", "table_rows", "table_duplicates"))
          .flatMap(List::stream)
          .toList();

  public TableProfile {
    columns = List.copyOf(columns);
    for (ColumnProfile column : columns) {
      if (column.count() + column.nulls() != rows) {
        throw new IllegalArgumentException(
            "\"%s\" has %d values and %d nulls in a table of %d rows"
                .formatted(column.name(), column.count(), column.nulls(), rows));
      }
    }
  }

  public Optional<ColumnProfile> column(String name) {
    return columns.stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /**
   * The profile as MLflow's {@code log_table} stores a table: {@code {"columns": […], "data":
   * […]}}, a row for each column, NaN as null.
   */
  public String toJson() {
    ObjectNode table = JSON.createObjectNode();
    FIELDS.forEach(table.putArray("columns")::add);
    ArrayNode data = table.putArray("data");
    for (ColumnProfile column : columns) {
      ArrayNode row = data.addArray();
      row.add(column.name()).add(column.unit()).add(column.count()).add(column.nulls());
      for (Double figure : column.figures()) {
        row.add(figure.isNaN() ? null : figure);
      }
      row.add(JSON.<ArrayNode>valueToTree(column.histogram().edges()));
      row.add(JSON.<ArrayNode>valueToTree(column.histogram().counts()));
      row.add(rows).add(duplicates);
    }
    return table.toString();
  }

  /**
   * Reads {@link #toJson()} back; the two profiles are equal.
   *
   * @throws IllegalArgumentException if the text is not a profile
   */
  public static TableProfile ofJson(String json) {
    try {
      JsonNode table = JSON.readTree(json);
      if (!JSON.valueToTree(FIELDS).equals(table.path("columns")) || table.path("data").isEmpty()) {
        throw new IllegalArgumentException(
            "The text is not a profile of a table: its columns are %s, not %s"
                .formatted(table.path("columns"), FIELDS));
      }
      List<ColumnProfile> columns = new ArrayList<>();
      for (JsonNode row : table.get("data")) {
        columns.add(
            ColumnProfile.of(
                row.get(0).asText(),
                row.get(1).asText(),
                row.get(2).asLong(),
                row.get(3).asLong(),
                IntStream.range(4, 12).mapToObj(i -> figure(row.get(i))).toList(),
                new Histogram(
                    List.of(JSON.treeToValue(row.get(12), Double[].class)),
                    List.of(JSON.treeToValue(row.get(13), Long[].class)))));
      }
      JsonNode first = table.get("data").get(0);
      return new TableProfile(first.get(14).asLong(), first.get(15).asLong(), columns);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("The text is not a profile of a table: it is not JSON", e);
    }
  }

  private static double figure(JsonNode value) {
    return value.isNull() ? Double.NaN : value.asDouble();
  }
}
