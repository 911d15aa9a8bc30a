package sparkmlflow.run;

import java.util.LinkedHashMap;
import java.util.Map;
import sparkmlflow.MlflowTags;

/**
 * Who started the run (shown as "Created by"), from what (shown as "Source", such as the main
 * class), and the tags set when the run is opened.
 */
public record RunOrigin(
    String user, String sourceName, SourceType sourceType, Map<String, String> tags) {

  public RunOrigin {
    tags = Map.copyOf(tags);
  }

  /** User and source as the tags that MLflow's UI reads. */
  Map<String, String> asTags() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(MlflowTags.USER, user);
    all.put(MlflowTags.SOURCE_NAME, sourceName);
    all.put(MlflowTags.SOURCE_TYPE, sourceType.name());
    return all;
  }

  /** All tags of a new run. */
  Map<String, String> allTags() {
    Map<String, String> all = asTags();
    all.putAll(tags);
    return all;
  }
}
