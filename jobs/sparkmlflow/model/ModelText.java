package sparkmlflow.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import java.util.TreeMap;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Writes and reads JSON and YAML. It writes ASCII only, because MLflow's Python opens some of these
 * files in the machine's encoding.
 */
final class ModelText {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private ModelText() {}

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      // only text, numbers, lists and maps come here
      throw new IllegalStateException("Could not write " + value + " as JSON", e);
    }
  }

  /** Throws IllegalArgumentException if the text is not JSON. */
  static JsonNode readJson(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Reads a YAML map of texts, numbers, lists and maps; else throws IllegalArgumentException. */
  static JsonNode readYaml(String text) {
    try {
      Object value = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
      if (value instanceof Map) {
        return JSON.valueToTree(value);
      }
    } catch (YAMLException | ClassCastException e) { // !!set before a text
      throw new IllegalArgumentException("not YAML: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("a value contains itself, by an alias", e);
    }
    throw new IllegalArgumentException("the text is not a map of keys and values");
  }

  /** An object's keys and values without nulls, which readers treat like missing keys. */
  static Map<String, Object> map(JsonNode object) {
    Map<String, Object> map = new TreeMap<>();
    object
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isObject()) {
                map.put(entry.getKey(), map(entry.getValue()));
              } else if (!entry.getValue().isNull()) {
                map.put(entry.getKey(), JSON.convertValue(entry.getValue(), Object.class));
              }
            });
    return map;
  }

  static String yaml(Map<String, Object> value) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setAllowUnicode(false);
    options.setSplitLines(false);
    options.setDereferenceAliases(true);
    // not a constant, because a Yaml object is not thread-safe
    return new Yaml(options).dump(value);
  }

  /** A column name in backticks for Spark SQL; a backtick in the name is doubled. */
  static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
