package winequality.app;

import elasticnet.TuningSettings;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sparkmlflow.MlflowConnection;
import sparkmlflow.Pause;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.Role;
import sparkmlflow.registry.Roles;
import sparkmlflow.run.RunTracker;
import winequality.JobTags;
import winequality.app.job.JobContext;
import winequality.app.job.JobOptions;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.SparkJob;
import winequality.app.job.UsageException;
import winequality.app.training.Lineage;
import winequality.app.training.TakenIn;
import winequality.app.training.Training;
import winequality.config.Settings;
import winequality.data.DataRefusedException;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableRole;
import winequality.data.table.TableVersion;
import winequality.data.table.TimeTravel;
import winequality.gate.GateSettings.GateMode;
import winequality.gate.ModelLease;
import winequality.gate.RetrainingSettings;
import winequality.metrics.Drift;

/** The scheduled job: trains if anything changed since the champion, and lets the gate decide. */
public final class RetrainingJob implements SparkJob {

  public static void main(String[] args) {
    JobRunner.main("retrain", new RetrainingJob(), args);
  }

  @Override
  public boolean takesPenalty() {
    return true;
  }

  @Override
  public void require(JobOptions given, Settings settings) {
    TakenIn.require(settings.data());
    if (!settings.versions().enabled()) {
      throw new UsageException(
          "registry.enabled is false, but retraining compares with the champion in the registry; use train or tune, or set registry.enabled = true");
    }
    if (settings.retraining().tune()) {
      new TuningJob().require(given, settings);
    }
  }

  @Override
  public void rehearse(JobContext context) {
    Training.rehearse(context);
  }

  @Override
  public JobStatus run(JobContext context) {
    Settings settings = context.settings();
    try (MlflowConnection connection = context.connect()) {
      new RunTracker(connection, context.clock()).endDead();
      Attempt before = new Attempt(context, connection);
      Optional<ModelVersion> same = context.measure("look", before::unchangedAtAGlance);
      if (same.isPresent()) {
        return before.skip(same.get());
      }
      RegistryCalls registry = connection.registry();
      String model = settings.registry().modelName();
      Duration wait = settings.retraining().patience();
      Supplier<ModelLease.Answer> lease =
          () ->
              ModelLease.of(registry, model, context.jobId(), wait, context.clock(), Pause.real());
      ModelLease.Answer answer = context.measure("lease", lease);
      if (answer instanceof ModelLease.Answer.Held held) {
        return skipped(
            context,
            "another retraining of %s is running (job %s; its lease ends at %s unless it is renewed)"
                .formatted(model, held.by().owner(), held.by().until()),
            Optional.empty());
      }
      try {
        // the registry may have changed while this job waited
        return new Attempt(context, connection).retrain();
      } finally {
        ((ModelLease.Answer.Granted) answer).lease().close();
      }
    }
  }

  private static JobStatus skipped(
      JobContext context, String reason, Optional<ModelVersion> compared) {
    compared.ifPresent(context.report()::model);
    ended(context, "skipped", reason, compared);
    return JobStatus.SKIPPED;
  }

  private static void ended(
      JobContext context, String decision, String reason, Optional<ModelVersion> compared) {
    context.report().retraining(decision, reason, compared.map(ModelVersion::version));
    System.out.println("Retraining " + decision + ": " + reason);
  }

  /** One retraining, compared with the versions that are in the registry when it is created. */
  private static final class Attempt {

    private final JobContext context;
    private final Settings settings;
    private final RetrainingSettings retraining;
    private final Optional<TuningSettings> tuning;
    private final MlflowConnection connection;
    private final Optional<ModelVersion> champion;
    private final List<ModelVersion> judged;

    Attempt(JobContext context, MlflowConnection connection) {
      this.context = context;
      this.settings = context.settings();
      this.retraining = settings.retraining();
      this.tuning = Optional.of(settings.tuning()).filter(by -> retraining.tune());
      this.connection = connection;
      RegistryCalls registry = connection.registry();
      String model = settings.registry().modelName();
      Roles roles = Lifecycle.of(registry, settings.registry()).roles(model);
      this.champion = roles.of(Role.CHAMPION).flatMap(number -> registry.find(model, number));
      this.judged =
          Stream.concat(
                  champion.stream(), registry.versions(model).stream().filter(this::isDecided))
              .toList();
    }

    /** Whether the gate would decide the same again. If it is off, every version is decided. */
    private boolean isDecided(ModelVersion version) {
      return settings.versions().gate().mode() == GateMode.OFF
          || (version.tag(JobTags.GATE).isPresent()
              && version.tag(JobTags.GATE_CHAMPION).equals(champion.map(ModelVersion::version))
              && Lineage.hasGateOf(version, settings));
    }

    JobStatus retrain() {
      TakenIn taken = TakenIn.of(context);
      try {
        Lineage lineage = Lineage.of(context, tuning, taken);
        Optional<ModelVersion> same = same(lineage, taken);
        return same.isPresent() ? skip(same.get()) : train(taken, lineage);
      } finally {
        taken.rows().unpersist();
      }
    }

    /** Commits after a version's training that change no row, such as OPTIMIZE, do not count. */
    private Optional<ModelVersion> same(Lineage lineage, TakenIn taken) {
      TableVersion table = taken.table().accepted();
      return judged.stream()
          .filter(version -> lineage.changesSince(version).isEmpty())
          .findFirst()
          .or(
              () ->
                  withSameRows(
                      judged.stream()
                          .filter(
                              version ->
                                  Lineage.Change.rowsAlone(lineage.changesSince(version))
                                      && trainedFrom(version) <= table.version()),
                      DeltaLocation.of(table.location()),
                      taken.role()));
    }

    /** A version whose table still has the rows that it was trained from. */
    private Optional<ModelVersion> withSameRows(
        Stream<ModelVersion> versions, DeltaLocation table, TableRole role) {
      TimeTravel travel = new TimeTravel(context.spark(), settings.dataset(), role);
      // the latest of each table: if its rows have changed, so have those of earlier ones
      return versions
          .collect(
              Collectors.toMap(
                  Attempt::tableId,
                  version -> version,
                  BinaryOperator.maxBy(Comparator.comparingLong(Attempt::trainedFrom)),
                  LinkedHashMap::new))
          .values()
          .stream()
          .filter(
              version ->
                  travel.hasSameRowsSince(
                      table, trainedFrom(version), version.created(), tableId(version)))
          .findFirst();
    }

    /** A version that training would give again, as far as one can tell without reading rows. */
    Optional<ModelVersion> unchangedAtAGlance() {
      if (settings.data().tableVersion().isPresent() || judged.isEmpty()) {
        return Optional.empty();
      }
      Optional<DeltaLocation> source = TakenIn.sourceTable(context);
      TableRole role = source.isPresent() ? TableRole.SOURCE : TableRole.INGESTED;
      DeltaLocation table =
          source.orElseGet(() -> DeltaLocation.resolved(settings.data().table(), context.spark()));
      List<ModelVersion> alike =
          judged.stream()
              .filter(version -> isAlike(version, table, role, Optional.empty()))
              .toList();
      if (source.isEmpty() && !alike.isEmpty()) {
        Optional<String> files = Optional.of(TakenIn.files(context));
        alike = alike.stream().filter(version -> isAlike(version, table, role, files)).toList();
      }
      // the table last, because a catalog is slow
      return withSameRows(alike.stream(), table, role);
    }

    /** Whether settings and code are those of a version, and the files if they are given. */
    private boolean isAlike(
        ModelVersion version, DeltaLocation table, TableRole role, Optional<String> files) {
      if (trainedFrom(version) < 0) {
        return false;
      }
      TableVersion trained = new TableVersion(table.text(), trainedFrom(version));
      // the version's own id: to read the table's takes a Spark job, and a table that was created
      // again was also written after the version
      Lineage now = Lineage.of(context, tuning, trained, role, tableId(version), files);
      return now.changesSince(version).isEmpty() && (files.isEmpty() || now.hasFilesOf(version));
    }

    private static String tableId(ModelVersion version) {
      return version.tag(JobTags.TABLE_ID).orElse("");
    }

    private static long trainedFrom(ModelVersion version) {
      String number = version.tag(JobTags.TABLE_VERSION).orElse("");
      return number.matches("\\d{1,18}") ? Long.parseLong(number) : -1;
    }

    JobStatus skip(ModelVersion version) {
      return skipped(
          context,
          "nothing has changed since version %s (%s) was trained: same rows, settings and code"
              .formatted(
                  version.version(),
                  version.tag(JobTags.GATE).map(word -> "gate: " + word).orElse("no gate")),
          Optional.of(version));
    }

    /** Trains, unless {@code retraining.drift.trigger-psi} is set and the new rows drift less. */
    private JobStatus train(TakenIn taken, Lineage lineage) {
      List<Lineage.Change> changes = champion.map(lineage::changesSince).orElse(List.of());
      NewRows.Finding found =
          champion.isEmpty()
              ? new NewRows.Finding.NoNewRow()
              : context.measure(
                  "drift", () -> NewRows.find(context, connection, champion.get(), taken));
      Optional<Drift> drift =
          found instanceof NewRows.Finding.Measured measured
              ? Optional.of(measured.drift())
              : Optional.empty();
      drift.ifPresent(context.report()::drift);
      String why =
          (champion.isEmpty()
                  ? "there is no champion yet"
                  : changes.stream().map(Lineage.Change::text).collect(Collectors.joining(", ")))
              + drift.map(measured -> "; " + measured.summary()).orElse("");
      if (retraining.driftTrigger() > 0.0 && Lineage.Change.rowsAlone(changes)) {
        if (found instanceof NewRows.Finding.NoNewRow) {
          return skipped(context, why + "; no row is new", champion);
        }
        if (drift.isPresent() && drift.get().beyond(retraining.driftTrigger()).isEmpty()) {
          return skipped(
              context,
              "%s: no column is beyond retraining.drift.trigger-psi = %s"
                  .formatted(why, retraining.driftTrigger()),
              champion);
        }
      }
      requireNoAlarm(found, taken.table().accepted().location());
      JobStatus status =
          new Training(context, connection, tuning)
              .run(() -> taken, run -> drift.ifPresent(measured -> NewRows.log(run, measured)));
      ended(context, "trained", why + "; " + context.report().outcome(), champion);
      return status;
    }

    private void requireNoAlarm(NewRows.Finding found, String table) {
      double limit = retraining.driftStop();
      if (limit == 0.0) {
        return;
      }
      if (found instanceof NewRows.Finding.Unmeasured unmeasured) {
        throw stopped(
            "the drift cannot be measured, so retraining.drift.stop-psi = %s cannot be checked: %s"
                .formatted(limit, unmeasured.why()),
            "set it to 0 for one retraining; the next one can then measure the drift",
            table);
      }
      if (found instanceof NewRows.Finding.Measured measured
          && !measured.drift().beyond(limit).isEmpty()) {
        throw stopped(
            "%s; beyond retraining.drift.stop-psi = %s: %s"
                .formatted(measured.drift().summary(), limit, measured.drift().beyondText(limit)),
            "see what changed, then fix the source or raise the limit",
            table);
      }
    }

    private DataRefusedException stopped(String reason, String advice, String table) {
      ended(context, "stopped", reason, champion);
      return new DataRefusedException(
          "Nothing was trained: %s. The rows are in the table %s; %s."
              .formatted(reason, table, advice));
    }
  }
}
