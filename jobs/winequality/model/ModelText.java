package winequality.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * JSON and YAML as Python reads them anywhere: ASCII only, since MLflow opens some of these files
 * in the machine's own encoding.
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

  static String yaml(Map<String, Object> value) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setAllowUnicode(false);
    options.setSplitLines(false);
    options.setDereferenceAliases(true);
    // a Yaml object is not safe for use by two threads; a new one costs nothing here
    return new Yaml(options).dump(value);
  }
}
