package winequality.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import sparkmlflow.registry.RegistrySettings;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.run.RunOrigin;
import sparkmlflow.run.RunTracker;
import sparkmlflow.run.SourceType;
import sparkmlflow.tracking.Run;
import winequality.JobTags;
import winequality.app.job.DriverContext;
import winequality.gate.GateRecorder;
import winequality.record.TrainingRecord;

/**
 * Brings a version to another name or another registry, with its files, signature, tags and a trace
 * to where it came from.
 */
final class VersionCopy {

  private static final Logger LOG = LoggerFactory.getLogger(VersionCopy.class);

  /** What a version's tags say of its own registry and not of the model. */
  private static final List<String> OF_ITS_REGISTRY =
      List.of(
          MlflowTags.GATE,
          MlflowTags.REPLACES,
          "promot",
          "rolled_back",
          "rollback",
          MlflowTags.ARCHIVED,
          JobTags.ORIGIN_PREFIX);

  /** Files of the run, besides the model, that later jobs look for. */
  private static final List<String> FILES =
      List.of(TrainingRecord.PROFILE, TrainingRecord.COEFFICIENTS);

  private final DriverContext context;
  private final RegistrySettings there;
  private final String registry;

  /**
   * Copies to a model.
   *
   * @param there with the name of the model to copy to
   * @param registry address of the registry to copy from
   */
  VersionCopy(DriverContext context, RegistrySettings there, String registry) {
    this.context = context;
    this.there = there;
    this.registry = registry;
  }

  /**
   * The version under another name of the same registry.
   *
   * <p>It points to the files of the same run, as MLflow's own {@code copy_model_version} does:
   * they were found whole a moment ago, both versions have one lineage, and a second set of the
   * same files would need a run that trained nothing. So the run must not be deleted while either
   * is in use.
   */
  ModelVersion within(MlflowConnection connection, FetchedVersion fetched) {
    return register(connection, fetched.files(), fetched.version());
  }

  /**
   * The version in another registry.
   *
   * <p>A server takes versions only from files of its own runs, so a run there gets the files, with
   * the params and metrics of the origin's run. The copy is then fetched again and compared. One
   * that an earlier call made is looked for first.
   *
   * @param folder for temporary files
   * @throws MlflowException if what is there afterwards differs from the origin
   */
  ModelVersion across(
      MlflowConnection source, MlflowConnection target, FetchedVersion fetched, Path folder) {
    ModelVersion copy =
        earlier(target, fetched)
            .orElseGet(() -> register(target, sent(source, target, fetched), fetched.version()));
    FetchedVersion back = new VersionFetcher(target).fetch(copy, folder.resolve("copy"));
    if (!back.files().digest().equals(fetched.files().digest())) {
      throw MlflowException.refused(
          "copy version " + fetched.version().version() + " of " + fetched.version().name(),
          "what arrived as version %s of %s differs from the origin. It was not promoted; delete it there and copy again."
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

  private VerifiedFolder sent(
      MlflowConnection source, MlflowConnection target, FetchedVersion fetched) {
    Run run =
        new VersionFetcher(source)
            .run(
                fetched.version(),
                "copy the parameters of version %s of %s"
                    .formatted(fetched.version().version(), fetched.version().name()));
    Map<String, String> tags = new LinkedHashMap<>(originTags(fetched.version()));
    run.tags()
        .forEach(
            (key, value) -> {
              if (key.startsWith(JobTags.RUN_TABLE)
                  || key.equals(JobTags.RUN_SETTINGS_HASH)
                  || key.equals(JobTags.RUN_SPLIT_FINGERPRINT)
                  || key.equals(MlflowTags.GIT_COMMIT)) {
                tags.put(key, value);
              }
            });
    RunOrigin origin =
        new RunOrigin(
            Caller.of(target, context.environment()), context.mainClass(), SourceType.JOB, tags);
    return new RunTracker(target, context.clock())
        .during(
            origin,
            active -> {
              active.params(run.params());
              active.metrics(run.metrics());
              active.description(note(fetched.version()));
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
    // before other people's, of which a registry may not take all
    Map<String, String> tags = new LinkedHashMap<>(originTags(origin));
    tags.put(MlflowTags.FILES_DIGEST, files.digest());
    origin
        .tags()
        .forEach(
            (key, value) -> {
              if (OF_ITS_REGISTRY.stream().noneMatch(key::startsWith)) {
                tags.put(key, value);
              }
            });
    String number =
        new ModelRegistrar(target.registry(), there, Pause.real())
            .register(
                files,
                note(origin) + "\n\n" + GateRecorder.withoutDecision(origin.description()),
                tags)
            .version();
    return target.registry().version(there.modelName(), number);
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
    return "Copied from version %s of `%s` in %s (run %s)."
        .formatted(origin.version(), origin.name(), registry, origin.runId());
  }
}
