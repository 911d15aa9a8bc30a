package sparkmlflow.registry;

import java.util.Map;

/** A registered model at the time of the answer, with the version of each alias. */
public record RegisteredModel(Map<String, String> aliases, Map<String, String> tags) {

  public RegisteredModel {
    aliases = Map.copyOf(aliases);
    tags = Map.copyOf(tags);
  }
}
