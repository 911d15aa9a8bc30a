package sparkmlflow.registry;

import java.util.EnumMap;
import java.util.Map;
import sparkmlflow.MlflowTags;

/**
 * Roles as stages: the champion is in {@code Production}, the challenger in {@code Staging}. A
 * version has one stage, so it cannot be both. The previous champion is {@code Archived} like other
 * versions, so a tag of the model holds its number.
 */
record StageLifecycle(RegistryCalls registry) implements Lifecycle {

  private static final String PRODUCTION = "Production";
  private static final String STAGING = "Staging";
  private static final String ARCHIVED = "Archived";

  @Override
  public Roles roles(String model) {
    Map<Role, String> versions = new EnumMap<>(Role.class);
    // newest first: a person may have put several versions into one stage
    for (ModelVersion version : registry.versions(model)) {
      if (version.stage().equals(PRODUCTION)) {
        versions.putIfAbsent(Role.CHAMPION, version.version());
      } else if (version.stage().equals(STAGING)) {
        versions.putIfAbsent(Role.CHALLENGER, version.version());
      }
    }
    registry
        .model(model)
        .map(found -> found.tags().get(MlflowTags.PREVIOUS))
        .filter(version -> !version.isBlank())
        .ifPresent(version -> versions.put(Role.PREVIOUS, version));
    return new Roles(versions);
  }

  @Override
  public void place(String model, Role role, String version) {
    switch (role) {
      case CHAMPION -> registry.moveToStage(model, version, PRODUCTION);
      case CHALLENGER -> registry.moveToStage(model, version, STAGING);
      case PREVIOUS -> registry.setModelTag(model, MlflowTags.PREVIOUS, version);
    }
  }

  @Override
  public void vacate(String model, Role role) {
    if (role == Role.PREVIOUS) {
      registry.deleteModelTag(model, MlflowTags.PREVIOUS);
    } else {
      roles(model).of(role).ifPresent(version -> archive(model, version));
    }
  }

  @Override
  public void archive(String model, String version) {
    registry.moveToStage(model, version, ARCHIVED);
  }

  @Override
  public boolean isArchived(ModelVersion version) {
    return version.stage().equals(ARCHIVED);
  }
}
