package sparkmlflow.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.VerifiedFolder;

/**
 * One registered model in memory. A hook runs before each change and may fail or act as another
 * job, so that tests cover every point between two calls. {@code PromotionIT} makes the same calls
 * to a real server.
 */
public final class MemoryRegistry implements RegistryCalls {

  private final Map<String, ModelVersion> versions = new TreeMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, String> modelTags = new HashMap<>();
  private boolean exists;
  private int changes;
  private Hook beforeChange = number -> {};

  @FunctionalInterface
  public interface Hook {
    /** Runs before the change with that number, counted from 1. */
    void before(int number);
  }

  public void beforeChange(Hook hook) {
    changes = 0;
    beforeChange = hook;
  }

  public int changes() {
    return changes;
  }

  private void changing() {
    changes++;
    beforeChange.before(changes);
  }

  public MemoryRegistry with(String version, ModelVersion.Status status, Map<String, String> tags) {
    exists = true;
    versions.put(
        version,
        new ModelVersion(
            "wine", version, status, "", List.of(), "None", "s", "r", "", tags, Instant.EPOCH));
    return this;
  }

  public MemoryRegistry withReady(int count) {
    for (int i = 1; i <= count; i++) {
      with(String.valueOf(i), ModelVersion.Status.READY, Map.of());
    }
    return this;
  }

  @Override
  public RegistryKind kind() {
    return RegistryKind.MLFLOW_SERVER;
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    return exists ? Optional.of(new RegisteredModel(aliases, modelTags)) : Optional.empty();
  }

  @Override
  public void ensureModel(String name) {
    exists = true;
  }

  @Override
  public void setModelTag(String name, String key, String value) {
    changing();
    if (!exists) {
      throw MlflowException.refused("set a tag", "no such model");
    }
    modelTags.put(key, value);
  }

  @Override
  public void deleteModelTag(String name, String key) {
    changing();
    modelTags.remove(key);
  }

  @Override
  public List<ModelVersion> versions(String name) {
    return versions.values().stream()
        .sorted(Comparator.comparingLong(ModelVersion::number).reversed())
        .toList();
  }

  @Override
  public Optional<ModelVersion> find(String name, String version) {
    return Optional.ofNullable(versions.get(version));
  }

  @Override
  public ModelVersion version(String name, String version) {
    return find(name, version).orElseThrow();
  }

  @Override
  public Optional<ArtifactStore> files(ModelVersion version) {
    return Optional.empty();
  }

  @Override
  public Optional<ModelVersion> versionOf(String name, VerifiedFolder folder) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ModelVersion createVersion(
      String name, VerifiedFolder folder, String description, Map<String, String> tags) {
    throw new UnsupportedOperationException();
  }

  private void change(String version, String stage, String description, Map<String, String> tags) {
    ModelVersion old = version("wine", version);
    versions.put(
        version,
        new ModelVersion(
            old.name(),
            version,
            old.status(),
            "",
            List.of(),
            stage,
            old.source(),
            old.runId(),
            description,
            tags,
            old.created()));
  }

  @Override
  public void setTags(String name, String version, Map<String, String> tags) {
    changing();
    ModelVersion old = version(name, version);
    Map<String, String> all = new HashMap<>(old.tags());
    all.putAll(tags);
    change(version, old.stage(), old.description(), all);
  }

  @Override
  public void describe(String name, String version, String description) {
    changing();
    ModelVersion old = version(name, version);
    change(version, old.stage(), description, old.tags());
  }

  @Override
  public void setAlias(String name, String alias, String version) {
    changing();
    aliases.put(alias, version(name, version).version());
  }

  @Override
  public void deleteAlias(String name, String alias) {
    changing();
    aliases.remove(alias);
  }

  @Override
  public void moveToStage(String name, String version, String stage) {
    changing();
    if (!stage.equals("Archived")) {
      for (ModelVersion other : new ArrayList<>(versions.values())) {
        if (other.stage().equals(stage)) {
          change(other.version(), "Archived", other.description(), other.tags());
        }
      }
    }
    ModelVersion old = version(name, version);
    change(version, stage, old.description(), old.tags());
  }

  @Override
  public void delete(String name, String version) {
    changing();
    versions.remove(version);
    aliases.values().removeIf(version::equals);
  }

  @Override
  public String url(String name, String version) {
    return name + "/" + version;
  }
}
