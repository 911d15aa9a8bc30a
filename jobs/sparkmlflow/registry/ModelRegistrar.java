package sparkmlflow.registry;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.Pause;
import sparkmlflow.artifacts.VerifiedFolder;

/** Registers a verified upload as a version of the model and makes it the challenger. */
public final class ModelRegistrar {

  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistrar.class);

  // interval and limit of MLflow's Python client
  private static final Duration POLL = Duration.ofSeconds(3);
  private static final int POLLS = 100;

  private final RegistryCalls registry;
  private final RegistrySettings settings;
  private final Pause pause;

  /**
   * @param pause waits while a version is pending
   */
  public ModelRegistrar(RegistryCalls registry, RegistrySettings settings, Pause pause) {
    this.registry = registry;
    this.settings = settings;
    this.pause = pause;
  }

  /**
   * The version made from the upload: a new one, or the unchanged version of an earlier call.
   *
   * <p>It becomes the challenger unless a newer version already is, so neither a late repeat nor
   * the slower of two jobs replaces a newer challenger. The registry has no locks: another job can
   * still change the role between the check and the update.
   *
   * @param description Markdown
   * @throws IllegalArgumentException if the upload is not a model folder
   * @throws MlflowException if the registry is not reached or refuses, fails to make the version or
   *     takes more than 5 minutes, or the thread is interrupted meanwhile
   */
  public RegisteredVersion register(
      VerifiedFolder upload, String description, Map<String, String> tags) {
    if (!upload.files().paths().contains("MLmodel")) {
      throw new IllegalArgumentException(upload + " holds no MLmodel file, so it is not a model");
    }
    String name = settings.modelName();
    registry.ensureModel(name);
    Map<String, String> withDigest = new LinkedHashMap<>(tags);
    withDigest.put(MlflowTags.FILES_DIGEST, upload.digest());
    ModelVersion version =
        ready(
            registry
                .versionOf(name, upload)
                .orElseGet(() -> registry.createVersion(name, upload, description, withDigest)));
    Lifecycle lifecycle = Lifecycle.of(registry, settings);
    if (mayChallenge(lifecycle.roles(name), version)) {
      lifecycle.place(name, Role.CHALLENGER, version.version());
    } else {
      LOG.info(
          "The challenger of {} is unchanged: version {} is the champion, or the challenger is this version or a newer one.",
          name,
          version.version());
    }
    ModelVersion now = registry.version(name, version.version());
    return new RegisteredVersion(
        name, now.version(), now.aliases(), registry.url(name, now.version()));
  }

  // where roles are stages, a champion that becomes the challenger stops being champion
  private static boolean mayChallenge(Roles roles, ModelVersion version) {
    return !roles.of(Role.CHAMPION).equals(Optional.of(version.version()))
        && roles
            .of(Role.CHALLENGER)
            .map(held -> Long.parseLong(held) < version.number())
            .orElse(true);
  }

  private ModelVersion ready(ModelVersion created) {
    ModelVersion version = created;
    for (int poll = 0; version.status() == ModelVersion.Status.PENDING && poll < POLLS; poll++) {
      try {
        pause.of(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw MlflowException.refused(
            "register the model",
            "Interrupted while waiting for version %s of %s to become ready."
                .formatted(version.version(), version.name()),
            e);
      }
      version = registry.version(version.name(), version.version());
    }
    if (version.status() == ModelVersion.Status.READY) {
      return version;
    }
    throw MlflowException.refused(
        "register the model",
        "Version %s of registered model %s %s%s. Look at it in the registry and delete it there before the job runs again."
            .formatted(
                version.version(),
                version.name(),
                version.status() == ModelVersion.Status.FAILED
                    ? "has failed"
                    : "is still pending after " + POLL.multipliedBy(POLLS).toSeconds() + " s",
                version.statusMessage().isBlank() ? "" : ": " + version.statusMessage()));
  }
}
