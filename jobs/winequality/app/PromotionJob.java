package winequality.app;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowSettings;
import sparkmlflow.artifacts.TemporaryFolder;
import sparkmlflow.registry.FetchedVersion;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.RegistrySettings;
import sparkmlflow.registry.Role;
import sparkmlflow.registry.VersionFetcher;
import winequality.JobTags;
import winequality.SafeText;
import winequality.app.job.DriverContext;
import winequality.app.job.DriverJob;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.UsageException;
import winequality.gate.Authority;
import winequality.gate.Promoter;
import winequality.gate.Promoter.Promotion;
import winequality.gate.Promoter.Rollback;

/**
 * Promotes a version by hand, rolls back, or copies a version to another registry or name. It needs
 * no Spark, so it also works if the cluster or the model is broken.
 */
public final class PromotionJob implements DriverJob {

  private static final Logger LOG = LoggerFactory.getLogger(PromotionJob.class);

  private static final String APPROVED = "Approved";

  private final PromotionOptions options = new PromotionOptions();

  public static void main(String[] args) {
    boolean back = args.length > 0 && args[0].equals("rollback");
    JobRunner.main(back ? "rollback" : "promote", new PromotionJob(), args);
  }

  @Override
  public Optional<Object> options() {
    return Optional.of(options);
  }

  @Override
  public void rehearse(DriverContext context) {
    PromotionOptions.Request request = options.request();
    try (MlflowConnection connection = connection(context.settings().mlflow())) {
      Operation operation = new Operation(context, connection);
      if (request instanceof PromotionOptions.Request.Promote promote) {
        LOG.info("Version {} could be promoted", operation.whole(promote).version());
      } else if (request instanceof PromotionOptions.Request.Copy copy) {
        LOG.info("Version {} could be copied", operation.source(copy).version());
      } else {
        LOG.info("The champion is {}", operation.champion().orElse("(none)"));
      }
    }
  }

  @Override
  public JobStatus run(DriverContext context) {
    PromotionOptions.Request request = options.request();
    try (MlflowConnection connection = connection(context.settings().mlflow())) {
      Operation operation = new Operation(context, connection);
      if (request instanceof PromotionOptions.Request.Promote promote) {
        return operation.promote(promote);
      }
      if (request instanceof PromotionOptions.Request.Copy copy) {
        return operation.copy(copy);
      }
      return operation.rollback(request.reason());
    }
  }

  // spark.hadoop.* and the class path configure storage as they do for Spark
  private static MlflowConnection connection(MlflowSettings settings) {
    return MlflowConnection.open(settings, SparkHadoopUtil.get().newConfiguration(new SparkConf()));
  }

  private static final class Operation {

    private final DriverContext context;
    private final MlflowConnection connection;
    private final RegistryCalls registry;
    private final RegistrySettings settings;
    private final Lifecycle lifecycle;
    private final String model;

    Operation(DriverContext context, MlflowConnection connection) {
      this.context = context;
      this.connection = connection;
      this.registry = connection.registry();
      this.settings = context.settings().registry();
      this.lifecycle = Lifecycle.of(registry, settings);
      this.model = settings.modelName();
    }

    Optional<String> champion() {
      return lifecycle.roles(model).of(Role.CHAMPION);
    }

    private Authority authority(String reason) {
      return new Authority(
          Caller.of(connection, context.environment()), reason, context.clock().instant());
    }

    JobStatus promote(PromotionOptions.Request.Promote request) {
      ModelVersion version = whole(request);
      return promote(connection, settings, version, authority(request.reason()), Optional.empty());
    }

    ModelVersion whole(PromotionOptions.Request.Promote request) {
      ModelVersion version = promotable(request);
      requireWhole(version);
      return version;
    }

    private ModelVersion promotable(PromotionOptions.Request.Promote request) {
      ModelVersion version = ready(request.version());
      if (isPromoted(version, lifecycle)) {
        throw new UsageException(
            "Version %s of %s is the champion already; nothing was changed"
                .formatted(version.version(), model));
      }
      request.approvalTag().ifPresent(tag -> requireApproval(version, tag));
      return version;
    }

    /**
     * An approval counts once: after the promotion the tag stays, but it must not undo a rollback.
     * Case is ignored, as in Databricks' approval notebook.
     */
    private void requireApproval(ModelVersion version, String tag) {
      Optional<String> gate = version.tag(JobTags.GATE);
      if (gate.equals(Optional.of(JobTags.REJECTED))) {
        throw new UsageException(
            "The gate rejected version %s of %s: %s. An approval is for versions that wait for one; to make it champion all the same, use `promote --version %s --reason \"...\"`"
                .formatted(
                    version.version(),
                    model,
                    version.tag(JobTags.GATE_REASONS).orElse("without a reason"),
                    version.version()));
      }
      Optional<String> value = version.tag(tag);
      if (value.isEmpty() || !value.get().equalsIgnoreCase(APPROVED)) {
        throw new UsageException(
            "Version %s of %s is not approved: %s. Approve it on its page, or set the tag to %s, and repair this run"
                .formatted(
                    version.version(),
                    model,
                    value
                        .map(text -> "its tag %s is \"%s\"".formatted(tag, text))
                        .orElse("it has no tag " + tag),
                    APPROVED));
      }
      if (gate.isEmpty()) {
        throw new UsageException(
            "The gate has not judged version %s of %s yet. Repair this run when the training has ended"
                .formatted(version.version(), model));
      }
      if (gate.filter(Set.of(JobTags.PROMOTED, JobTags.ROLLED_BACK)::contains).isPresent()) {
        throw new UsageException(
            "The approval of version %s of %s was used before (tag %s=%s). To make it champion again, use `promote --version %s --reason \"...\"`"
                .formatted(version.version(), model, JobTags.GATE, gate.get(), version.version()));
      }
      Optional<String> compared = version.tag(JobTags.GATE_CHAMPION);
      if (!compared.equals(champion())) {
        throw new UsageException(
            "The gate compared version %s of %s with champion %s, but the champion is %s now. Train again, or use `promote --version %s --reason \"...\"`"
                .formatted(
                    version.version(),
                    model,
                    compared.orElse("(none)"),
                    champion().orElse("(none)"),
                    version.version()));
      }
    }

    /** Whether the version is the champion and its promotion was recorded to the end. */
    private static boolean isPromoted(ModelVersion version, Lifecycle lifecycle) {
      return version.tag(JobTags.GATE).equals(Optional.of(JobTags.PROMOTED))
          && lifecycle
              .roles(version.name())
              .of(Role.CHAMPION)
              .equals(Optional.of(version.version()));
    }

    private ModelVersion ready(String named) {
      ModelVersion version = NamedVersion.of(registry, settings, named);
      if (version.status() != ModelVersion.Status.READY) {
        throw new UsageException(
            "Version %s of %s is %s%s and cannot be loaded; promote another one"
                .formatted(
                    version.version(),
                    model,
                    version.status().name().toLowerCase(Locale.ROOT),
                    version.statusMessage().isBlank() ? "" : " (" + version.statusMessage() + ")"));
      }
      return version;
    }

    private void requireWhole(ModelVersion version) {
      try {
        TemporaryFolder.with(
            folder -> new VersionFetcher(connection).fetch(version, folder.resolve("model")));
      } catch (DamagedFilesException e) {
        throw new UsageException(
            "Version %s of %s cannot be promoted because it cannot be used. %s"
                .formatted(version.version(), model, e.getMessage()));
      }
    }

    private JobStatus promote(
        MlflowConnection target,
        RegistrySettings there,
        ModelVersion version,
        Authority authority,
        Optional<ModelVersion> origin) {
      RegistryCalls calls = target.registry();
      Lifecycle roles = Lifecycle.of(calls, there);
      if (isPromoted(version, roles)) {
        LOG.info(
            "version {} of {} is the champion there already", version.version(), version.name());
        context.report().promoted(version, authority, version.tag(JobTags.REPLACES), origin);
        return JobStatus.PROMOTED;
      }
      Optional<String> champion = roles.roles(version.name()).of(Role.CHAMPION);
      Promotion promotion =
          new Promoter(calls, roles)
              .promote(version.name(), version.version(), champion, authority);
      if (promotion instanceof Promotion.Overtaken overtaken) {
        throw new UsageException(
            "Somebody else just made version %s the champion. Look at it, and promote again if version %s should replace it"
                .formatted(overtaken.champion().orElse("(none)"), version.version()));
      }
      Optional<String> replaced = ((Promotion.Done) promotion).replaced();
      ModelVersion now = calls.version(version.name(), version.version());
      String instead = replaced.map(number -> " in place of version " + number).orElse("");
      String note =
          "\n\n**Promoted** by %s at %s%s: %s"
              .formatted(
                  SafeText.markdown(authority.who()),
                  authority.when(),
                  instead.isEmpty() ? "" : "," + instead,
                  SafeText.markdown(authority.reason()));
      calls.describe(now.name(), now.version(), now.description() + note);
      context.report().promoted(now, authority, replaced, origin);
      if (version.tag(JobTags.GATE).equals(Optional.of(JobTags.REJECTED))) {
        LOG.warn("The gate had rejected version {}", now.version());
      }
      LOG.info(
          "version {} of {} is the champion{}, promoted by {}: {}",
          now.version(),
          now.name(),
          instead,
          authority.who(),
          authority.reason());
      LOG.info("{}", calls.url(now.name(), now.version()));
      return JobStatus.PROMOTED;
    }

    JobStatus rollback(String reason) {
      Authority authority = authority(reason);
      Rollback rollback = new Promoter(registry, lifecycle).rollback(model, authority);
      if (rollback instanceof Rollback.Impossible impossible) {
        throw new UsageException("Nothing was rolled back: " + impossible.why());
      }
      Rollback.Done done = (Rollback.Done) rollback;
      context.report().rolledBack(registry.version(model, done.to()), done, authority);
      describe(done.from(), authority);
      LOG.info(
          "version {} of {} is the champion again, in place of version {}; {}",
          done.to(),
          model,
          done.from(),
          done.further()
              .map(number -> "a further rollback goes to version " + number)
              .orElse("there is no earlier one"));
      LOG.info("{}", registry.url(model, done.to()));
      return JobStatus.ROLLED_BACK;
    }

    /** The rollback is done, so a failure only warns. */
    private void describe(String rolledBack, Authority authority) {
      try {
        String why = authority.reason().isEmpty() ? "no reason was given" : authority.reason();
        String note =
            "\n\n**Rolled back** by %s at %s: %s"
                .formatted(
                    SafeText.markdown(authority.who()), authority.when(), SafeText.markdown(why));
        registry
            .find(model, rolledBack)
            .ifPresent(found -> registry.describe(model, rolledBack, found.description() + note));
      } catch (MlflowException e) {
        LOG.warn(
            "The rollback could not be added to the description of version {}: {}",
            rolledBack,
            e.getMessage());
      }
    }

    ModelVersion source(PromotionOptions.Request.Copy request) {
      Optional<String> named = request.version().or(this::champion);
      if (named.isEmpty()) {
        throw new UsageException(
            "No version of %s is the champion; name the one to copy with --version N"
                .formatted(model));
      }
      return ready(named.get());
    }

    JobStatus copy(PromotionOptions.Request.Copy request) {
      ModelVersion origin = source(request);
      RegistrySettings there = named(request);
      if (request.address().isEmpty() && there.modelName().equals(model)) {
        throw new UsageException(
            "--to %s names the model that the version belongs to; leave --to out to promote it there"
                .formatted(model));
      }
      return TemporaryFolder.with(
          folder -> {
            FetchedVersion fetched =
                new VersionFetcher(connection).fetch(origin, folder.resolve("model"));
            MlflowSettings here = context.settings().mlflow();
            VersionCopy copy =
                new VersionCopy(
                    context,
                    there,
                    here.registryUri().isEmpty() ? here.trackingUri() : here.registryUri());
            Authority authority = authority(request.reason());
            if (request.address().isEmpty()) {
              ModelVersion version = copy.within(connection, fetched);
              return promote(connection, there, version, authority, Optional.of(origin));
            }
            try (MlflowConnection target = connection(at(request.address().get()))) {
              ModelVersion version = copy.across(connection, target, fetched, folder);
              return promote(target, there, version, authority, Optional.of(origin));
            }
          });
    }

    private RegistrySettings named(PromotionOptions.Request.Copy request) {
      try {
        return settings.named(request.name().orElse(model));
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            "%s %s is not the name of a registered model: %s"
                .formatted(
                    request.address().isPresent() ? "--as" : "--to",
                    request.name().orElse(model),
                    e.getMessage()));
      }
    }

    private MlflowSettings at(String address) {
      try {
        return context.settings().mlflow().at(address, context.settings().targetLogin());
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            "--to %s is not a registry to copy to: %s".formatted(address, e.getMessage()));
      }
    }
  }
}
