package winequality.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A version's comment in a registry that has neither aliases nor tags: the description for people
 * and, behind a mark on its last line, what the job keeps there in JSON.
 *
 * @param aliases for each alias that was given to the version, the number of that giving; of two
 *     versions with one alias the higher number counts
 */
record CommentRecord(String description, Map<String, Long> aliases, Map<String, String> tags) {

  private static final String MARK = "\n\n[wine-quality] ";

  CommentRecord {
    aliases = Map.copyOf(aliases);
    tags = Map.copyOf(tags);
  }

  /** Reads a comment; one that somebody wrote by hand is all description. */
  static CommentRecord parse(String comment) {
    int mark = comment.lastIndexOf(MARK);
    if (mark < 0) {
      return new CommentRecord(comment, Map.of(), Map.of());
    }
    JsonNode kept;
    try {
      kept = RestCalls.JSON.readTree(comment.substring(mark + MARK.length()));
    } catch (JsonProcessingException e) {
      return new CommentRecord(comment, Map.of(), Map.of());
    }
    Map<String, Long> aliases = new LinkedHashMap<>();
    kept.path("aliases").properties().forEach(e -> aliases.put(e.getKey(), e.getValue().asLong()));
    Map<String, String> tags = new LinkedHashMap<>();
    kept.path("tags").properties().forEach(e -> tags.put(e.getKey(), e.getValue().asText()));
    return new CommentRecord(comment.substring(0, mark), aliases, tags);
  }

  /** The whole comment. */
  String text() {
    if (aliases.isEmpty() && tags.isEmpty()) {
      return description;
    }
    ObjectNode kept = RestCalls.JSON.createObjectNode();
    ObjectNode aliasNode = kept.putObject("aliases");
    aliases.forEach(aliasNode::put);
    ObjectNode tagNode = kept.putObject("tags");
    tags.forEach(tagNode::put);
    return description + MARK + kept;
  }

  CommentRecord described(String other) {
    return new CommentRecord(other, aliases, tags);
  }

  CommentRecord withAlias(String alias, long giving) {
    Map<String, Long> more = new LinkedHashMap<>(aliases);
    more.put(alias, giving);
    return new CommentRecord(description, more, tags);
  }

  CommentRecord withoutAlias(String alias) {
    Map<String, Long> fewer = new LinkedHashMap<>(aliases);
    fewer.remove(alias);
    return new CommentRecord(description, fewer, tags);
  }

  CommentRecord withTags(Map<String, String> others) {
    Map<String, String> more = new LinkedHashMap<>(tags);
    more.putAll(others);
    return new CommentRecord(description, aliases, more);
  }

  CommentRecord withoutTag(String key) {
    Map<String, String> fewer = new LinkedHashMap<>(tags);
    fewer.remove(key);
    return new CommentRecord(description, aliases, fewer);
  }
}
