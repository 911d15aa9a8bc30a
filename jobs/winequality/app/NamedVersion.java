package winequality.app;

import java.util.List;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.RegistrySettings;
import winequality.app.job.UsageException;

/** Finds the version that the command line names. */
final class NamedVersion {

  private static final int SHOWN = 10;

  private NamedVersion() {}

  /** Finds it by number, role or alias; throws a {@link UsageException} if there is none. */
  static ModelVersion of(RegistryCalls registry, RegistrySettings settings, String named) {
    String model = settings.modelName();
    if (registry.model(model).isEmpty()) {
      throw new UsageException(
          "There is no registered model %s in this registry. Train first, or set registry.model-name or MLFLOW_TRACKING_URI"
              .formatted(model));
    }
    return Lifecycle.of(registry, settings)
        .named(registry, model, named)
        .orElseThrow(
            () ->
                new UsageException(
                    "%s has no version %s; it has %s"
                        .formatted(model, named, existing(registry, model))));
  }

  private static String existing(RegistryCalls registry, String model) {
    List<String> numbers = registry.versions(model).stream().map(ModelVersion::version).toList();
    if (numbers.isEmpty()) {
      return "none";
    }
    return String.join(", ", numbers.stream().limit(SHOWN).toList())
        + (numbers.size() > SHOWN ? " and " + (numbers.size() - SHOWN) + " older ones" : "");
  }
}
