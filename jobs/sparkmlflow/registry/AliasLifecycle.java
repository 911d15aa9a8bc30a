package sparkmlflow.registry;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import sparkmlflow.MlflowTags;

/** Roles as aliases; that of the challenger, the newest version, comes from the settings. */
record AliasLifecycle(RegistryCalls registry, String challenger) implements Lifecycle {

  @Override
  public Roles roles(String model) {
    Map<String, String> aliases =
        registry.model(model).map(RegisteredModel::aliases).orElse(Map.of());
    Map<Role, String> versions = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      String version = aliases.get(alias(role));
      if (version != null) {
        versions.put(role, version);
      }
    }
    return new Roles(versions);
  }

  @Override
  public void place(String model, Role role, String version) {
    registry.setAlias(model, alias(role), version);
  }

  @Override
  public void vacate(String model, Role role) {
    registry.deleteAlias(model, alias(role));
  }

  @Override
  public void archive(String model, String version) {
    registry.setTags(model, version, Map.of(MlflowTags.ARCHIVED, "true"));
  }

  @Override
  public boolean isArchived(ModelVersion version) {
    return version.tag(MlflowTags.ARCHIVED).isPresent();
  }

  private String alias(Role role) {
    return role == Role.CHALLENGER ? challenger : role.name().toLowerCase(Locale.ROOT);
  }
}
