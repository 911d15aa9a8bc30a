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

/**
 * Makes a version of the registered model from an upload that the server has listed completely, and
 * makes it the challenger.
 */
public final class ModelRegistrar {

  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistrar.class);

  // the interval and the bound of MLflow's Python client
  private static final Duration POLL = Duration.ofSeconds(3);
  private static final int POLLS = 100;

  private final RegistryCalls registry;
  private final Lifecycle lifecycle;
  private final RegistrySettings settings;
  private final Pause pause;

  /**
   * Registers in one registry under one name.
   *
   * @param pause how it waits while a version is pending
   */
  public ModelRegistrar(RegistryCalls registry, RegistrySettings settings, Pause pause) {
    this.registry = registry;
    this.lifecycle = Lifecycle.of(registry, settings);
    this.settings = settings;
    this.pause = pause;
  }

  /**
   * The version made from the upload: a new one, or the one that an earlier call made.
   *
   * <p>A version found is left as it was made. It becomes the challenger if no version is or an
   * older one, so that neither a late repeat nor the slower of two jobs takes that from a newer
   * version. Between that look and the setting there is no lock: the registry has none.
   *
   * @param description Markdown
   * @throws IllegalArgumentException if the upload is no model folder
   * @throws MlflowException if the registry is not reached or refuses, failed to make the version
   *     or takes more than 5 minutes over it, or if the thread is interrupted meanwhile
   */
  public RegisteredVersion register(
      VerifiedFolder upload, String description, Map<String, String> tags) {
    if (upload.files().files().stream().noneMatch(file -> file.path().equals("MLmodel"))) {
      throw new IllegalArgumentException(upload + " holds no MLmodel file, so it is not a model");
    }
    String name = settings.modelName();
    registry.ensureModel(name);
    Optional<ModelVersion> earlier = registry.versionOf(name, upload);
    ModelVersion version =
        ready(
            earlier.orElseGet(
                () -> registry.createVersion(name, upload, description, withDigest(tags, upload))));
    Roles roles = lifecycle.roles(name);
    if (isFree(roles, version)) {
      lifecycle.place(name, Role.CHALLENGER, version.version());
    } else {
      LOG.info("The challenger of {} stays as it is: this version, or a newer one.", name);
    }
    ModelVersion now = registry.version(name, version.version());
    return new RegisteredVersion(
        name, now.version(), now.aliases(), registry.url(name, now.version()));
  }

  private static Map<String, String> withDigest(Map<String, String> tags, VerifiedFolder upload) {
    Map<String, String> all = new LinkedHashMap<>(tags);
    all.put(MlflowTags.FILES_DIGEST, upload.digest());
    return all;
  }

  // where roles are stages, a champion would lose its own by becoming the challenger
  private static boolean isFree(Roles roles, ModelVersion version) {
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
        "Version %s of registered model %s is %s%s. Look at it in the registry and delete it there before the job runs again."
            .formatted(
                version.version(),
                version.name(),
                version.status() == ModelVersion.Status.FAILED
                    ? "failed"
                    : "still pending after " + POLL.multipliedBy(POLLS).toSeconds() + " s",
                version.statusMessage().isBlank() ? "" : ": " + version.statusMessage()));
  }
}
