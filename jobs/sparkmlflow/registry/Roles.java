package sparkmlflow.registry;

import java.util.Map;
import java.util.Optional;

/** The versions that hold the roles at the time of the answer. */
public record Roles(Map<Role, String> versions) {

  public Roles {
    versions = Map.copyOf(versions);
  }

  /** The number of the version with that role, if any. */
  public Optional<String> of(Role role) {
    return Optional.ofNullable(versions.get(role));
  }
}
