package sparkmlflow.registry;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The roles of versions, as one kind of registry keeps them. Each change is a single call to the
 * registry, or takes effect with its last call.
 */
public interface Lifecycle {

  /** The versions that hold the roles now. */
  Roles roles(String model);

  /** Gives a version the role and takes it from the previous holder. */
  void place(String model, Role role, String version);

  /** Takes the role from its holder, so that no version has it. */
  void vacate(String model, Role role);

  /** Marks a version as no longer needed. */
  void archive(String model, String version);

  boolean isArchived(ModelVersion version);

  /** The version with that number, role (such as {@code champion}) or other alias. */
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

  /** The lifecycle that the settings name or, with {@code AUTO}, that of the registry's kind. */
  static Lifecycle of(RegistryCalls registry, RegistrySettings settings) {
    boolean stages =
        settings.lifecycle() == LifecycleKind.AUTO
            ? registry.kind() == RegistryKind.DATABRICKS_WORKSPACE
            : settings.lifecycle() == LifecycleKind.STAGES;
    return stages ? new StageLifecycle(registry) : new AliasLifecycle(registry, settings.alias());
  }
}
