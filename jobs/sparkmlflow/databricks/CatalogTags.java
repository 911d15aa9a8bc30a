package sparkmlflow.databricks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.tracking.TagValues;

/**
 * Fits tags to Unity Catalog's limits: fewer tags, shorter values and plainer keys than MLflow's
 * servers take. Tags copied from other people's versions may exceed them.
 *
 * @see <a href="https://learn.microsoft.com/azure/databricks/database-objects/tags">Tags in Unity
 *     Catalog: constraints</a>
 */
final class CatalogTags {

  private static final Logger LOG = LoggerFactory.getLogger(CatalogTags.class);

  // Unity Catalog counts characters; a value never has more characters than bytes
  private static final int LONGEST = 1000;

  private static final int MOST = 50;
  private static final Pattern RESERVED = Pattern.compile("[.,\\-=/:]");

  private CatalogTags() {}

  /** The tags that can be set; the log names those that were renamed, cut or left out. */
  static Map<String, String> of(Map<String, String> tags) {
    Map<String, String> plain = new LinkedHashMap<>(tags);
    plain.keySet().removeIf(key -> RESERVED.matcher(key).find());
    List<String> left = new ArrayList<>();
    // after those that keep their names, so that a renamed tag never replaces another one
    tags.forEach(
        (key, value) -> {
          String name = RESERVED.matcher(key).replaceAll("_");
          if (name.equals(key)) {
            return;
          }
          if (plain.putIfAbsent(name, value) == null) {
            LOG.info("The tag {} is called {} in Unity Catalog", key, name);
          } else {
            left.add(key);
          }
        });
    plain.keySet().stream().skip(MOST).forEach(left::add);
    plain.keySet().removeAll(left);
    if (!left.isEmpty()) {
      LOG.warn("These tags do not fit into Unity Catalog and were left out: {}", left);
    }
    return TagValues.shortened(plain, LONGEST);
  }
}
