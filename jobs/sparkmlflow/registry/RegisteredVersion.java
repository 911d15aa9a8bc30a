package sparkmlflow.registry;

import java.util.List;

/** A version that is ready, with all aliases that point to it, sorted, and its page in the UI. */
public record RegisteredVersion(String name, String version, List<String> aliases, String url) {

  public RegisteredVersion {
    aliases = aliases.stream().sorted().toList();
  }
}
