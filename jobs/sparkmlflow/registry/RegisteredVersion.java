package sparkmlflow.registry;

import java.util.List;

/**
 * A version that exists and is ready.
 *
 * @param version its number, as the registry writes it
 * @param aliases every alias that points to it, ordered
 * @param url where a person sees it
 */
public record RegisteredVersion(String name, String version, List<String> aliases, String url) {

  public RegisteredVersion {
    aliases = aliases.stream().sorted().toList();
  }

  /** The same version with the aliases that it has now. */
  public RegisteredVersion with(List<String> aliasesNow) {
    return new RegisteredVersion(name, version, aliasesNow, url);
  }
}
