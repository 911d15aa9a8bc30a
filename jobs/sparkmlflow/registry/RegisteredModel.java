package sparkmlflow.registry;

import java.util.Map;

/**
 * A registered model at the time of the answer.
 *
 * @param aliases the version's number for each alias
 */
public record RegisteredModel(Map<String, String> aliases, Map<String, String> tags) {

  public RegisteredModel {
    aliases = Map.copyOf(aliases);
    tags = Map.copyOf(tags);
  }
}
