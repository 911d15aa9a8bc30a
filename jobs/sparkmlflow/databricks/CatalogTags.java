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
 * Tags as Unity Catalog takes them: fewer, shorter and with plainer keys than MLflow's servers. The
 * jobs' own are so; a copied version brings those of other people too.
 *
 * @see <a href="https://learn.microsoft.com/azure/databricks/database-objects/tags">Tags in Unity
 *     Catalog: constraints</a>
 */
final class CatalogTags {

  private static final Logger LOG = LoggerFactory.getLogger(CatalogTags.class);

  /** The longest value in characters, which are no more than its bytes. */
  private static final int LONGEST = 1000;

  private static final int MOST = 50;
  private static final Pattern RESERVED = Pattern.compile("[.,\\-=/:]");

  private CatalogTags() {}

  /** What can be set of the tags; whatever is renamed, cut or left out is named in the log. */
  static Map<String, String> of(Map<String, String> tags) {
    Map<String, String> plain = new LinkedHashMap<>();
    List<String> left = new ArrayList<>();
    // those that keep their name first, so that a renamed one never takes the place of another
    tags.forEach(
        (key, value) -> {
          if (!RESERVED.matcher(key).find()) {
            plain.put(key, value);
          }
        });
    tags.forEach(
        (key, value) -> {
          String name = RESERVED.matcher(key).replaceAll("_");
          if (!name.equals(key)) {
            if (plain.putIfAbsent(name, value) == null) {
              LOG.info("The tag {} is called {} in Unity Catalog", key, name);
            } else {
              left.add(key);
            }
          }
        });
    List<String> keys = List.copyOf(plain.keySet());
    keys.stream().skip(MOST).forEach(left::add);
    plain.keySet().removeAll(left);
    if (!left.isEmpty()) {
      LOG.warn("Unity Catalog does not take the tags {} besides the others", left);
    }
    return TagValues.shortened(plain, LONGEST);
  }
}
