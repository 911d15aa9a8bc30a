package sparkmlflow.registry;

import java.util.List;

/**
 * A version that is ready.
 *
 * @param version its number, as the registry writes it
 * @param aliases all aliases that point to it, sorted
 * @param url its page in the UI
 */
public record RegisteredVersion(String name, String version, List<String> aliases, String url) {

  public RegisteredVersion {
    aliases = aliases.stream().sorted().toList();
  }
}
