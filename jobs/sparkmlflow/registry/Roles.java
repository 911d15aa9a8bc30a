package sparkmlflow.registry;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Which version has which role at the moment of the answer. */
public record Roles(Map<Role, String> versions) {

  public Roles {
    EnumMap<Role, String> copy = new EnumMap<>(Role.class);
    copy.putAll(versions);
    versions = Collections.unmodifiableMap(copy);
  }

  /** The number of the version with that role, if one has it. */
  public Optional<String> of(Role role) {
    return Optional.ofNullable(versions.get(role));
  }
}
