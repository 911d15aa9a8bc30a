package winequality.data.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import elasticnet.encoding.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;

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
              List.of("histogram_edges", "histogram_counts", "table_rows", "table_duplicates"),
              List.of("levels"))
          .flatMap(List::stream)
          .toList();

  /** Those of release 1.0.0, which knew no categories. */
  private static final List<String> FIELDS_OF_1_0 = FIELDS.subList(0, FIELDS.size() - 1);

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

  /** What a model of this table makes of each column that predicts, in order. */
  public List<Feature> features(DatasetDescription dataset) {
    return dataset.featureColumns().stream().map(this::feature).toList();
  }

  private Feature feature(ColumnDescription column) {
    String name = column.name();
    if (column.kind() instanceof ColumnKind.Category category) {
      return new Feature.Category(name, levels(column), category.unknown());
    }
    if (column.kind() instanceof ColumnKind.Numeric number && column.kind().mayBeMissing()) {
      return new Feature.Gap(
          name,
          number.missing() == ColumnKind.Missing.MEAN
              ? Feature.Gap.Fill.MEAN
              : Feature.Gap.Fill.ZERO,
          number.indicator());
    }
    return new Feature.Numeric(name);
  }

  /**
   * The levels of a category in a model of this table, the base level first: the given ones, or the
   * found ones in as many rows as the description asks for.
   *
   * @throws DataRefusedException if there are fewer than two
   */
  public List<String> levels(ColumnDescription column) {
    if (!(column.kind() instanceof ColumnKind.Category category)) {
      throw new IllegalArgumentException(
          "\"%s\" is not a category; only a category has levels".formatted(column.name()));
    }
    if (!category.levels().isEmpty()) {
      return category.levels();
    }
    Map<String, Long> found = column(column.name()).orElseThrow().levelCounts();
    List<String> levels =
        found.entrySet().stream()
            .filter(level -> level.getValue() >= category.minRows())
            .map(Map.Entry::getKey)
            .toList();
    if (levels.size() < 2) {
      throw new DataRefusedException(
          "The category \"%s\" has %s in at least %d of the %d rows; a model needs two levels. Leave the column out of dataset.columns, lower its min-rows, or give it levels."
              .formatted(
                  column.name(),
                  levels.isEmpty() ? "no level" : "only the level " + levels,
                  category.minRows(),
                  rows));
    }
    return levels;
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
      row.add(JSON.<ArrayNode>valueToTree(column.levels()));
    }
    return table.toString();
  }

  /**
   * Reads {@link #toJson()} back; the two profiles are equal. Reads profiles of release 1.0.0 too.
   *
   * @throws IllegalArgumentException if the text is not a profile
   */
  public static TableProfile ofJson(String json) {
    try {
      JsonNode table = JSON.readTree(json);
      JsonNode fields = table.path("columns");
      boolean known =
          JSON.valueToTree(FIELDS).equals(fields) || JSON.valueToTree(FIELDS_OF_1_0).equals(fields);
      if (!known || table.path("data").isEmpty()) {
        throw new IllegalArgumentException(
            "The text is not a profile of a table: its columns are %s, not %s"
                .formatted(fields, FIELDS));
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
                    List.of(JSON.treeToValue(row.get(13), Long[].class))),
                row.has(16) ? List.of(JSON.treeToValue(row.get(16), String[].class)) : List.of()));
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
