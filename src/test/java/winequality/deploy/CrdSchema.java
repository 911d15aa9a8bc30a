package winequality.deploy;

import static winequality.deploy.Bundle.list;
import static winequality.deploy.Bundle.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The checks that Kubernetes makes of a resource by the schema in its CRD, with strict validation
 * of fields: types, required and unknown fields, enumerations, patterns, bounds.
 */
final class CrdSchema {

  private CrdSchema() {}

  /** What is wrong with a value, a line each with its place. */
  static List<String> problems(Map<String, Object> schema, Object value, String place) {
    List<String> problems = new ArrayList<>();
    check(schema, value, place, problems);
    return problems;
  }

  private static void check(
      Map<String, Object> schema, Object value, String place, List<String> problems) {
    if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) {
      if (!(value instanceof Integer || value instanceof String)) {
        problems.add(place + ": " + value + " is neither a number nor a text");
      }
      return;
    }
    String type = String.valueOf(schema.get("type"));
    boolean fits =
        switch (type) {
          case "object" -> value instanceof Map;
          case "array" -> value instanceof List;
          case "string" -> value instanceof String;
          case "boolean" -> value instanceof Boolean;
          case "integer" -> value instanceof Integer || value instanceof Long;
          case "number" -> value instanceof Number;
          default -> true;
        };
    if (!fits) {
      problems.add(place + ": " + value + " is no " + type);
      return;
    }
    if (value instanceof Map) {
      object(schema, map(value), place, problems);
    } else if (value instanceof List) {
      List<Object> items = list(value);
      for (int i = 0; i < items.size(); i++) {
        check(map(schema.get("items")), items.get(i), place + "[" + i + "]", problems);
      }
    } else {
      scalar(schema, value, place, problems);
    }
  }

  private static void object(
      Map<String, Object> schema, Map<String, Object> value, String place, List<String> problems) {
    for (Object required : list(schema.get("required"))) {
      if (!value.containsKey(String.valueOf(required))) {
        problems.add(place + ": lacks " + required);
      }
    }
    Map<String, Object> properties = map(schema.get("properties"));
    value.forEach(
        (key, field) -> {
          String where = place + "." + key;
          if (properties.containsKey(key)) {
            check(map(properties.get(key)), field, where, problems);
          } else if (schema.get("additionalProperties") instanceof Map<?, ?>) {
            check(map(schema.get("additionalProperties")), field, where, problems);
          } else if (!Boolean.TRUE.equals(schema.get("x-kubernetes-preserve-unknown-fields"))
              && !properties.isEmpty()) {
            problems.add(where + ": there is no such field");
          }
        });
  }

  private static void scalar(
      Map<String, Object> schema, Object value, String place, List<String> problems) {
    List<Object> allowed = list(schema.get("enum"));
    if (!allowed.isEmpty() && !allowed.contains(value)) {
      problems.add(place + ": " + value + " is none of " + allowed);
    }
    if (schema.get("pattern") instanceof String pattern
        && !Pattern.compile(pattern).matcher(String.valueOf(value)).find()) {
      problems.add(place + ": " + value + " does not match " + pattern);
    }
    if (value instanceof Number number
        && schema.get("minimum") instanceof Number minimum
        && number.doubleValue() < minimum.doubleValue()) {
      problems.add(place + ": " + value + " is less than " + minimum);
    }
    if (value instanceof Number number
        && schema.get("maximum") instanceof Number maximum
        && number.doubleValue() > maximum.doubleValue()) {
      problems.add(place + ": " + value + " is more than " + maximum);
    }
  }
}
