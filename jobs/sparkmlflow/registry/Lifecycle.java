package sparkmlflow.registry;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The roles of versions as one kind of registry keeps them. Each change is one call to the
 * registry, or ends with the one that counts.
 */
public interface Lifecycle {

  /** Who has which role now. */
  Roles roles(String model);

  /** Gives a version the role, and takes it from the version that had it. */
  void place(String model, Role role, String version);

  /** Leaves the role to nobody. */
  void vacate(String model, Role role);

  /** Marks a version as one that nobody needs any more. */
  void archive(String model, String version);

  /** Whether a version has been marked so. */
  boolean isArchived(ModelVersion version);

  /**
   * The version that a person or a setting names: a number, {@code champion}, {@code challenger} or
   * {@code previous}, or an alias of one's own.
   */
  default Optional<ModelVersion> named(RegistryCalls registry, String model, String name) {
    Optional<String> number =
        Stream.of(Role.values())
            .filter(role -> role.name().equalsIgnoreCase(name))
            .findFirst()
            .map(role -> roles(model).of(role))
            .orElseGet(
                () ->
                    name.matches("[0-9]+")
                        ? Optional.of(name)
                        : registry.model(model).map(found -> found.aliases().get(name)));
    return number.flatMap(found -> registry.find(model, found));
  }

  /** The way of this registry, by its kind and not by trial, unless the settings name one. */
  static Lifecycle of(RegistryCalls registry, RegistrySettings settings) {
    LifecycleKind kind = settings.lifecycle();
    boolean stages =
        kind == LifecycleKind.STAGES
            || (kind == LifecycleKind.AUTO && registry.kind() == RegistryKind.DATABRICKS_WORKSPACE);
    return stages ? new StageLifecycle(registry) : new AliasLifecycle(registry, settings.alias());
  }
}
