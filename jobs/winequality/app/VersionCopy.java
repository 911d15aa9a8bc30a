package winequality.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowTags;
import sparkmlflow.Pause;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.StoredModel;
import sparkmlflow.registry.FetchedVersion;
import sparkmlflow.registry.ModelRegistrar;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.registry.RegistrySettings;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.run.RunOrigin;
import sparkmlflow.run.RunTracker;
import sparkmlflow.run.SourceType;
import sparkmlflow.tracking.Run;
import winequality.JobTags;
import winequality.SafeText;
import winequality.app.job.DriverContext;
import winequality.gate.GateRecorder;
import winequality.record.TrainingRecord;

/**
 * Copies a version to another name or another registry, with its files, signature and tags, and
 * tags that name its origin.
 */
final class VersionCopy {

  private static final Logger LOG = LoggerFactory.getLogger(VersionCopy.class);

  /** Prefixes of tags that are about the version's registry and not about the model. */
  private static final List<String> OF_ITS_REGISTRY =
      List.of(
          JobTags.GATE,
          JobTags.REPLACES,
          "promot",
          "rolled_back",
          "rollback",
          MlflowTags.ARCHIVED,
          JobTags.ORIGIN_PREFIX);

  /** Tags of the origin's run that describe the training. */
  private static final Set<String> OF_THE_TRAINING =
      Set.of(
          JobTags.RUN_TABLE,
          JobTags.RUN_TABLE_VERSION,
          JobTags.RUN_SETTINGS_HASH,
          JobTags.RUN_SPLIT_FINGERPRINT,
          JobTags.RUN_ROWS,
          JobTags.RUN_UNCOMMITTED_CHANGES,
          MlflowTags.GIT_COMMIT,
          MlflowTags.SPARK_VERSION);

  /** Files of the run, in addition to the model, that later jobs and people read. */
  private static final List<String> FILES =
      List.of(TrainingRecord.SETTINGS, TrainingRecord.PROFILE, TrainingRecord.COEFFICIENTS);

  private final DriverContext context;
  private final RegistrySettings there;
  private final String registry;

  /** From the registry with that address to the model that the settings name. */
  VersionCopy(DriverContext context, RegistrySettings there, String registry) {
    this.context = context;
    this.there = there;
    this.registry = registry;
  }

  /**
   * Copies to another name in the same registry.
   *
   * <p>Both versions point to the files of one run or logged model, as with MLflow's own {@code
   * copy_model_version}. So that must not be deleted while either version is in use.
   */
  ModelVersion within(MlflowConnection connection, FetchedVersion fetched) {
    return register(connection, fetched.files(), fetched.version());
  }

  /**
   * Copies to another registry, or finds the copy that an earlier call made.
   *
   * <p>A server accepts versions only from its own runs. So a new run there gets the files, with
   * the params and metrics of the origin's run. The copy is then fetched and compared.
   *
   * @throws MlflowException if the copy differs from the origin
   */
  ModelVersion across(
      MlflowConnection source, MlflowConnection target, FetchedVersion fetched, Path folder) {
    ModelVersion copy =
        earlier(target, fetched)
            .orElseGet(() -> register(target, send(source, target, fetched), fetched.version()));
    FetchedVersion back = new VersionFetcher(target).fetch(copy, folder.resolve("copy"));
    if (!back.files().digest().equals(fetched.files().digest())) {
      throw MlflowException.refused(
          "copy version " + fetched.version().version() + " of " + fetched.version().name(),
          "the copy, version %s of %s, differs from the origin. It was not promoted; delete it there and copy again."
              .formatted(copy.version(), copy.name()));
    }
    return copy;
  }

  private Optional<ModelVersion> earlier(MlflowConnection target, FetchedVersion fetched) {
    Map<String, String> origin = originTags(fetched.version());
    return target.registry().versions(there.modelName()).stream()
        .filter(version -> version.status() == ModelVersion.Status.READY)
        .filter(version -> version.tags().entrySet().containsAll(origin.entrySet()))
        .filter(
            version ->
                version.tag(MlflowTags.FILES_DIGEST).equals(Optional.of(fetched.files().digest())))
        .findFirst();
  }

  private VerifiedFolder send(
      MlflowConnection source, MlflowConnection target, FetchedVersion fetched) {
    ModelVersion version = fetched.version();
    String operation =
        "copy the parameters of version %s of %s".formatted(version.version(), version.name());
    Run run = new VersionFetcher(source).run(version, operation);
    Map<String, String> tags = new LinkedHashMap<>(run.tags());
    tags.keySet().retainAll(OF_THE_TRAINING);
    tags.putAll(originTags(version));
    String caller = Caller.of(target, context.environment());
    RunOrigin origin = new RunOrigin(caller, context.mainClass(), SourceType.JOB, tags);
    return new RunTracker(target, context.clock())
        .during(
            origin,
            active -> {
              active.params(run.params());
              active.metrics(run.metrics());
              active.description(note(version));
              for (String file : FILES) {
                source.artifacts(run).text(file).ifPresent(content -> active.text(file, content));
              }
              LOG.info("copying {} to run {}", fetched.files(), active.url());
              return active.model(
                  StoredModel.read(fetched.directory())
                      .folder(fetched.files().artifactPath(), fetched.fileNames()));
            });
  }

  private ModelVersion register(
      MlflowConnection target, VerifiedFolder files, ModelVersion origin) {
    // these come before the origin's tags, because a registry may not accept all of them
    Map<String, String> tags = new LinkedHashMap<>(originTags(origin));
    tags.put(MlflowTags.FILES_DIGEST, files.digest());
    Map<String, String> theirs = new LinkedHashMap<>(origin.tags());
    theirs.keySet().removeIf(key -> OF_ITS_REGISTRY.stream().anyMatch(key::startsWith));
    tags.putAll(theirs);
    String description = note(origin) + "\n\n" + GateRecorder.withoutDecision(origin.description());
    RegisteredVersion copy =
        new ModelRegistrar(target.registry(), there, Pause.real())
            .register(files, description, tags);
    return target.registry().version(there.modelName(), copy.version());
  }

  private Map<String, String> originTags(ModelVersion origin) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.ORIGIN_REGISTRY, registry);
    tags.put(JobTags.ORIGIN_MODEL, origin.name());
    tags.put(JobTags.ORIGIN_VERSION, origin.version());
    tags.put(JobTags.ORIGIN_RUN, origin.runId());
    return tags;
  }

  private String note(ModelVersion origin) {
    return "Copied from version %s of %s in %s (run %s)."
        .formatted(
            origin.version(),
            SafeText.code(origin.name()),
            SafeText.markdown(registry),
            origin.runId());
  }
}
