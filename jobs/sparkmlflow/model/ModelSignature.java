package sparkmlflow.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a model takes and gives, by name and type. MLflow checks requests against it,
 * and Unity Catalog requires it.
 *
 * @param inputs the raw columns of a request, at least one, in the order of the training table
 * @param outputs the columns of an answer, at least one
 */
public record ModelSignature(List<Column> inputs, List<Column> outputs) {

  /** A column, named as in the training table: blanks, quotes and umlauts are kept. */
  public record Column(String name, ColumnType type, Presence presence) {
    /** Throws {@link IllegalArgumentException} if the name is blank. */
    public Column {
      if (name.isBlank()) {
        throw new IllegalArgumentException(
            "A signature column has the name \"" + name + "\"; MLflow matches columns by name");
      }
    }

    public static Column required(String name, ColumnType type) {
      return new Column(name, type, Presence.REQUIRED);
    }

    public static Column optional(String name, ColumnType type) {
      return new Column(name, type, Presence.OPTIONAL);
    }
  }

  /** A column in MLflow's JSON. */
  record ColumnJson(String type, String name, boolean required) {}

  public enum Presence {
    REQUIRED,
    OPTIONAL
  }

  /** Throws {@link IllegalArgumentException} if a side is empty or names a column twice. */
  public ModelSignature {
    inputs = checked(inputs, "inputs");
    outputs = checked(outputs, "outputs");
  }

  /** Required doubles in, a required double {@code prediction} out; throws like the constructor. */
  public static ModelSignature ofRegression(List<String> features) {
    return ofRegressionOn(
        features.stream().map(name -> Column.required(name, ColumnType.DOUBLE)).toList());
  }

  /**
   * Any columns in, a required double {@code prediction} out; throws like the constructor. A
   * category is a string, and a number that may be missing is an optional double.
   */
  public static ModelSignature ofRegressionOn(List<Column> inputs) {
    return new ModelSignature(inputs, List.of(Column.required("prediction", ColumnType.DOUBLE)));
  }

  /**
   * Reads the two texts that MLmodel holds under {@code signature}; empty if a side holds anything
   * but named columns of known types, such as a tensor.
   *
   * @throws IllegalArgumentException if a text is not JSON, or a side is empty or has a column
   *     twice
   */
  public static Optional<ModelSignature> ofJson(String inputs, String outputs) {
    Optional<List<Column>> given = columns(outputs);
    return columns(inputs).flatMap(in -> given.map(out -> new ModelSignature(in, out)));
  }

  private static Optional<List<Column>> columns(String json) {
    List<Column> columns = new ArrayList<>();
    for (JsonNode node : ModelText.readJson(json)) {
      Optional<ColumnType> type =
          Arrays.stream(ColumnType.values())
              .filter(known -> known.mlflowName().equals(node.path("type").asText()))
              .findFirst();
      if (type.isEmpty() || !node.path("name").isTextual()) {
        return Optional.empty();
      }
      columns.add(
          new Column(
              node.path("name").asText(),
              type.get(),
              node.path("required").asBoolean(true) ? Presence.REQUIRED : Presence.OPTIONAL));
    }
    return Optional.of(columns);
  }

  /**
   * What changes for callers of the other model if this one replaces it, such as {@code input "pH"
   * is missing}: columns that only one of them has, that have different types, or that are no
   * longer optional inputs. The order does not count, because MLflow matches columns by name.
   */
  public List<String> differencesFrom(ModelSignature other) {
    List<String> differences = new ArrayList<>();
    // a caller that gives every value may call a model that needs fewer
    List<Column> needed =
        inputs.stream()
            .map(
                input ->
                    input.presence() == Presence.OPTIONAL
                            && other.inputs.contains(Column.required(input.name(), input.type()))
                        ? Column.required(input.name(), input.type())
                        : input)
            .toList();
    differences.addAll(differences("input", needed, other.inputs));
    differences.addAll(differences("output", outputs, other.outputs));
    return differences;
  }

  private static List<String> differences(String side, List<Column> own, List<Column> others) {
    List<String> differences = new ArrayList<>();
    for (Column column : others) {
      if (named(own, column).isEmpty()) {
        differences.add("%s \"%s\" is missing".formatted(side, column.name()));
      }
    }
    for (Column column : own) {
      Optional<Column> match = named(others, column);
      if (match.isEmpty()) {
        differences.add("%s \"%s\" is new".formatted(side, column.name()));
      } else if (!match.get().equals(column)) {
        differences.add(
            "%s \"%s\" is %s instead of %s"
                .formatted(side, column.name(), told(column), told(match.get())));
      }
    }
    return differences;
  }

  private static Optional<Column> named(List<Column> columns, Column like) {
    return columns.stream().filter(column -> column.name().equals(like.name())).findFirst();
  }

  private static String told(Column column) {
    return column.presence().name().toLowerCase(Locale.ROOT) + " " + column.type().mlflowName();
  }

  /** The JSON text in MLmodel. */
  public String inputsJson() {
    return json(inputs);
  }

  /** The JSON text in MLmodel. */
  public String outputsJson() {
    return json(outputs);
  }

  /** The inputs as a Spark schema; a required column is not nullable there. */
  public StructType inputSchema() {
    StructType schema = new StructType();
    for (Column column : inputs) {
      schema =
          schema.add(
              column.name(), column.type().sparkType(), column.presence() == Presence.OPTIONAL);
    }
    return schema;
  }

  List<String> inputNames() {
    return inputs.stream().map(Column::name).toList();
  }

  private static List<Column> checked(List<Column> columns, String side) {
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "The signature has no %s; Unity Catalog refuses such a model and MLflow cannot check requests. Name at least one column"
              .formatted(side));
    }
    Set<String> names = new HashSet<>();
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw new IllegalArgumentException(
            "The signature's %s name the column \"%s\" twice; MLflow matches columns by name. Rename one"
                .formatted(side, column.name()));
      }
    }
    return List.copyOf(columns);
  }

  private static String json(List<Column> columns) {
    return ModelText.json(
        columns.stream()
            .map(
                column ->
                    new ColumnJson(
                        column.type().mlflowName(),
                        column.name(),
                        column.presence() == Presence.REQUIRED))
            .toList());
  }
}
