package winequality.app;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredModel;
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
                    "%s has no version %s; %s".formatted(model, named, existing(registry, model))));
  }

  /** What the registry has in place of a version that it lacks, for messages. */
  static String existing(RegistryCalls registry, String model) {
    Optional<RegisteredModel> registered = registry.model(model);
    if (registered.isEmpty()) {
      return "the registry has no model of that name";
    }
    List<String> newest =
        registry.versions(model).stream().limit(SHOWN).map(ModelVersion::version).toList();
    return "the newest versions are %s, the aliases %s"
        .formatted(newest, new TreeMap<>(registered.get().aliases()));
  }
}
