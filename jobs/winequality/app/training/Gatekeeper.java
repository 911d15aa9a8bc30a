package winequality.app.training;

import static elasticnet.FittedElasticNet.PREDICTION;
import static org.apache.spark.sql.functions.not;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.TemporaryFolder;
import sparkmlflow.model.LoadedModel;
import sparkmlflow.model.ModelSignature;
import sparkmlflow.model.PipelineLoader;
import sparkmlflow.model.StoredModel;
import sparkmlflow.registry.FetchedVersion;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.Role;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.run.ActiveRun;
import winequality.JobTags;
import winequality.app.job.JobContext;
import winequality.config.Settings;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.TableProfile;
import winequality.gate.Authority;
import winequality.gate.Candidate;
import winequality.gate.GateDecision;
import winequality.gate.GateRecorder;
import winequality.gate.Housekeeping;
import winequality.gate.Incumbent;
import winequality.gate.Promoter;
import winequality.gate.Promoter.Promotion;
import winequality.gate.PromotionGate;
import winequality.gate.RolledBackDuplicates;
import winequality.metrics.BootstrapSettings;
import winequality.metrics.EvaluationColumns;
import winequality.metrics.IntervalEvaluator;
import winequality.metrics.PairedComparison;
import winequality.record.TrainingRecord;
import winequality.report.ReportPage;

/** Compares a new version with the champion, and does what the gate decides. */
final class Gatekeeper {

  private static final Logger LOG = LoggerFactory.getLogger(Gatekeeper.class);

  /** How often a version is compared, if other jobs keep changing the champion. */
  private static final int ATTEMPTS = 3;

  private static final String CHAMPION = "champion_prediction";

  private final JobContext context;
  private final Settings settings;
  private final MlflowConnection connection;
  private final RegistryCalls registry;
  private final Lifecycle lifecycle;
  private final String model;

  Gatekeeper(JobContext context, MlflowConnection connection) {
    this.context = context;
    this.settings = context.settings();
    this.connection = connection;
    this.registry = connection.registry();
    this.lifecycle = Lifecycle.of(registry, settings.registry());
    this.model = settings.registry().modelName();
  }

  /**
   * Decides, acts on the decision and writes it onto the version.
   *
   * <p>The champion's own pipeline predicts the same holdout rows. If it cannot be fetched or
   * loaded, a person has to decide. If another version becomes the champion during the comparison,
   * the challenger is compared with that one. A version that is the champion already, as after a
   * promotion that was interrupted, is compared with the one that it replaced.
   *
   * @param rows the whole table
   * @throws MlflowException if the registry is unreachable or refuses; the version then exists
   *     without a decision
   */
  GateDecision judge(String version, Challenger challenger, Dataset<Row> rows) {
    List<String> duplicates = RolledBackDuplicates.of(registry, model, version);
    PromotionGate gate = new PromotionGate(settings.versions().gate());
    for (int attempt = 1; ; attempt++) {
      Optional<String> champion = lifecycle.roles(model).of(Role.CHAMPION);
      Optional<String> opponent = champion;
      if (champion.equals(Optional.of(version))) {
        opponent =
            registry
                .version(model, version)
                .tag(JobTags.REPLACES)
                .filter(replaced -> !replaced.isBlank());
      }
      Incumbent incumbent =
          opponent.map(number -> compared(number, challenger, rows)).orElseGet(Incumbent.None::new);
      GateDecision decision = gate.decide(challenger.candidate(), incumbent, duplicates);
      if (decision instanceof GateDecision.Promote promote) {
        String job = context.mainClass().replaceAll(".*\\.", "");
        Authority gatekeeper =
            new Authority(job + "'s gate", promote.summary(), context.clock().instant());
        Promotion promotion =
            new Promoter(registry, lifecycle).promote(model, version, champion, gatekeeper);
        if (promotion instanceof Promotion.Overtaken overtaken) {
          LOG.info(
              "Version {} became the champion during the comparison",
              overtaken.champion().orElse("(none)"));
          if (attempt < ATTEMPTS) {
            continue;
          }
          decision =
              new GateDecision.AwaitApproval(
                  promote.grounds(),
                  "the champion changed %d times during the comparison.".formatted(ATTEMPTS));
        }
      }
      GateRecorder.record(registry, model, version, decision);
      return decision;
    }
  }

  private Incumbent compared(String champion, Challenger challenger, Dataset<Row> rows) {
    Candidate candidate = challenger.candidate();
    try {
      return TemporaryFolder.with(
          folder -> {
            ModelVersion version = registry.version(model, champion);
            FetchedVersion fetched =
                new VersionFetcher(connection).fetch(version, folder.resolve("champion"));
            LoadedModel loaded =
                new PipelineLoader(context.spark(), settings.model())
                    .load(StoredModel.read(fetched.directory()));
            Optional<ModelSignature> signature = loaded.signature();
            if (signature.isEmpty()) {
              return new Incumbent.Unreadable(
                  champion, "it has no signature, so its input columns are unknown.");
            }
            List<String> differences = candidate.signature().differencesFrom(signature.get());
            if (!differences.isEmpty()) {
              return new Incumbent.OtherSignature(champion, differences);
            }
            List<String> refused = refused(loaded, signature.get(), candidate.profile());
            if (!refused.isEmpty()) {
              return new Incumbent.Unreadable(
                  champion, "it refuses values that the table has now: %s.".formatted(refused));
            }
            return new Incumbent.Compared(
                champion,
                comparison(loaded, challenger, rows),
                Lineage.profileOf(connection, version));
          });
    } catch (DamagedFilesException e) {
      LOG.warn(
          "The champion, version {} of {}, cannot be read. {}", champion, model, e.getMessage());
      return new Incumbent.Unreadable(champion, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Leaves a version to a person, because the rows to compare it on cannot be read. If it is the
   * champion already, only the run says so.
   */
  GateDecision leave(String version, String why) {
    Optional<String> champion = lifecycle.roles(model).of(Role.CHAMPION);
    GateDecision decision =
        new GateDecision.AwaitApproval(new GateDecision.Grounds(champion, List.of()), why);
    if (!champion.equals(Optional.of(version))) {
      GateRecorder.record(registry, model, version, decision);
    }
    return decision;
  }

  /** Records a decision in the result, in the run and in its report. */
  void report(GateDecision decision, RegisteredVersion version, ActiveRun run, String page) {
    run.json("gate.json", context.report().gate(decision));
    run.text(TrainingRecord.REPORT, ReportPage.decided(page, decision));
    run.tags(Map.of(JobTags.RUN_GATE, decision.word()));
    // last, because the outbox keeps the calls above but not this one
    context.report().model(registry.version(version.name(), version.version()));
    LOG.info("gate: version {} {}", version.version(), decision.summary());
    if (!(decision instanceof GateDecision.Promote)) {
      LOG.info(
          "`wine promote --version {} --reason \"...\"`, with the --config of this training, makes it the champion all the same",
          version.version());
    }
  }

  /** Values of the table for which the champion does not predict. */
  private static List<String> refused(
      LoadedModel champion, ModelSignature signature, TableProfile profile) {
    List<String> refused = new ArrayList<>();
    Map<String, Set<String>> strict = champion.strictLevels();
    for (ModelSignature.Column input : signature.inputs()) {
      Optional<ColumnProfile> column = profile.column(input.name());
      if (column.isEmpty()) {
        continue;
      }
      if (input.presence() == ModelSignature.Presence.REQUIRED && column.get().nulls() > 0) {
        refused.add("missing values of " + input.name());
      }
      Set<String> known = strict.getOrDefault(input.name(), Set.of());
      column.get().levelCounts().keySet().stream()
          .filter(level -> !known.isEmpty() && !known.contains(level))
          .map(level -> level.equals(ColumnProfile.UNKNOWN) ? " unknown" : "=" + level)
          .forEach(level -> refused.add(input.name() + level));
    }
    return refused;
  }

  private PairedComparison comparison(
      LoadedModel champion, Challenger challenger, Dataset<Row> rows) {
    Dataset<Row> test = rows.filter(not(challenger.holdout().isTrain()));
    double confidence = settings.versions().gate().intervalConfidence();
    BootstrapSettings given = settings.bootstrap();
    Dataset<Row> both = challenger.predict().apply(champion.predict(test, CHAMPION));
    return new IntervalEvaluator(
            new BootstrapSettings(given.replicates(), confidence, given.seed()))
        .compare(both, EvaluationColumns.of(challenger.dataset()), PREDICTION, CHAMPION);
  }

  /** Archives or deletes old versions. The version is registered, so a failure only warns. */
  void tidy() {
    try {
      List<String> old = Housekeeping.tidy(registry, lifecycle, model, settings.versions());
      if (!old.isEmpty()) {
        LOG.info(
            "{} old versions of {} {}d: {}",
            old.size(),
            model,
            settings.versions().oldVersions().name().toLowerCase(Locale.ROOT),
            String.join(", ", old));
      }
    } catch (MlflowException e) {
      LOG.warn("Old versions of {} could not be archived or deleted: {}", model, e.getMessage());
    }
  }
}
