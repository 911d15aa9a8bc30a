package winequality.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import elasticnet.LearningSettings;
import elasticnet.SelectionMeasure;
import elasticnet.SelectionRule;
import elasticnet.TuningSettings;
import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldSettings;
import elasticnet.split.HoldoutSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import sparkmlflow.DatabricksSettings;
import sparkmlflow.HttpSettings;
import sparkmlflow.Login;
import sparkmlflow.MlflowSettings;
import sparkmlflow.NetworkSettings;
import sparkmlflow.RunSettings;
import sparkmlflow.model.ModelSettings;
import sparkmlflow.model.PythonFunction;
import sparkmlflow.registry.LifecycleKind;
import sparkmlflow.registry.RegistrySettings;
import sparkmlflow.run.Outbox;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.table.TablePoint;
import winequality.gate.GateSettings;
import winequality.gate.GateSettings.GateMode;
import winequality.gate.RetrainingSettings;
import winequality.gate.VersionSettings;
import winequality.gate.VersionSettings.OldVersions;
import winequality.metrics.BootstrapSettings;
import winequality.record.CallerSettings;
import winequality.record.TuningRecord.ChildRuns;
import winequality.scoring.ScoringSettings;

/**
 * Reads the settings of a job from all layers.
 *
 * <p>Each key is read by hand, once, in the method of its record: a search for a key finds where it
 * goes. The records check the values.
 */
public final class SettingsLoader {

  /**
   * Reads and checks everything.
   *
   * @throws InvalidSettingsException with every problem: unknown keys, values of a wrong type or
   *     out of range, a file that cannot be read
   */
  public Settings load(SettingsSource source) {
    SettingLayers layers = new SettingLayers(source);
    SettingsBinder binder = new SettingsBinder(layers);
    Optional<DatasetDescription> dataset = binder.bind(SettingsLoader::dataset);
    Optional<DataSettings> data = binder.bind(SettingsLoader::data);
    Optional<HoldoutSettings> holdout = binder.bind("holdout", SettingsLoader::holdout);
    Optional<LearningSettings> learning = binder.bind("learning", SettingsLoader::learning);
    Optional<TuningSettings> tuning = binder.bind("tuning", SettingsLoader::tuning);
    Optional<ChildRuns> childRuns =
        binder.bind(values -> values.choice("tuning.child-runs", ChildRuns.class));
    Optional<BootstrapSettings> bootstrap = binder.bind(SettingsLoader::bootstrap);
    Optional<ModelSettings> model = binder.bind("model", SettingsLoader::model);
    Optional<DatabricksSettings> databricks =
        binder.bind("mlflow.databricks", SettingsLoader::databricks);
    Optional<MlflowSettings> mlflow =
        binder.bind("mlflow", values -> mlflow(values, databricks.orElse(DatabricksSettings.NONE)));
    Optional<Optional<Outbox>> outbox = binder.bind(values -> outbox(values, source.file()));
    Optional<Login> targetLogin =
        binder.bind("mlflow.target", values -> login(values, "mlflow.target."));
    Optional<RegistrySettings> registry = binder.bind("registry", SettingsLoader::registry);
    Optional<VersionSettings> versions = binder.bind(SettingsLoader::versions);
    Optional<RetrainingSettings> retraining = binder.bind(SettingsLoader::retraining);
    Optional<ScoringSettings> scoring = binder.bind(SettingsLoader::scoring);
    binder.bind(SettingsLoader::checkWorkspaceNames);
    Optional<CallerSettings> caller = binder.bind(SettingsLoader::caller);
    if (registry.isPresent() && versions.filter(VersionSettings::enabled).isPresent()) {
      String name = registry.get().modelName();
      mlflow
          .flatMap(settings -> settings.modelNameProblem(name))
          .ifPresent(
              problem ->
                  binder.add(
                      "registry.model-name is \"%s\"; %s (the older registry of a workspace is mlflow.registry-uri = databricks)"
                          .formatted(name, problem)));
    }
    binder.requireValid();
    return new Settings(
        dataset.orElseThrow(),
        data.orElseThrow(),
        holdout.orElseThrow(),
        learning.orElseThrow(),
        tuning.orElseThrow(),
        childRuns.orElseThrow(),
        bootstrap.orElseThrow(),
        model.orElseThrow(),
        mlflow.orElseThrow(),
        outbox.orElseThrow(),
        targetLogin.orElseThrow(),
        registry.orElseThrow(),
        versions.orElseThrow(),
        retraining.orElseThrow(),
        scoring.orElseThrow(),
        caller.orElseThrow(),
        render(layers.merged));
  }

  /**
   * Reads the settings that decide the model from {@link Settings#rendered()} of an earlier job.
   *
   * @param origin where the text was found, for messages
   * @throws InvalidSettingsException if it is not HOCON, lacks a group or has a key or value wrong
   */
  public RecordedSettings recorded(String rendered, String origin) {
    SettingsBinder binder =
        new SettingsBinder(
            new SettingLayers(rendered, origin, List.of("dataset", "holdout", "learning")));
    Optional<DatasetDescription> dataset = binder.bind(SettingsLoader::dataset);
    Optional<HoldoutSettings> holdout = binder.bind("holdout", SettingsLoader::holdout);
    Optional<LearningSettings> learning = binder.bind("learning", SettingsLoader::learning);
    binder.requireValid();
    return new RecordedSettings(
        dataset.orElseThrow(), holdout.orElseThrow(), learning.orElseThrow());
  }

  /**
   * Settings with which to register and judge what an earlier job trained: alias, lifecycle and
   * gate are those of that job, and of both gate modes the one that promotes less.
   *
   * @param rendered of the earlier job
   * @throws InvalidSettingsException as {@link #recorded}
   */
  public Settings registering(Settings now, String rendered, String origin) {
    SettingsBinder binder =
        new SettingsBinder(new SettingLayers(rendered, origin, List.of("registry")));
    Optional<RegistrySettings> registry = binder.bind("registry", SettingsLoader::registry);
    Optional<VersionSettings> versions = binder.bind(SettingsLoader::versions);
    binder.requireValid();
    VersionSettings today = now.versions();
    return now.with(
        registry.orElseThrow(),
        new VersionSettings(
            today.enabled(),
            today.keepVersions(),
            today.oldVersions(),
            versions.orElseThrow().gate().noLaxerThan(today.gate().mode())));
  }

  /** Only {@code databricks.conf} reads these names, for tables, paths and the model. */
  private static SettingValues checkWorkspaceNames(SettingValues values) {
    values.text("databricks.model"); // registry.model-name checks it, where it is used
    for (String key : List.of("databricks.catalog", "databricks.schema", "databricks.volume")) {
      String name = values.text(key);
      if (!name.matches("[^./\\s`]+")) {
        throw new IllegalArgumentException(
            key + " is \"" + name + "\"; it must be one name, without a dot, a slash or a space");
      }
    }
    return values;
  }

  private static DatasetDescription dataset(SettingValues values) {
    List<ColumnDescription> columns = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    List<String> missingWords = values.texts("dataset.missing-words");
    for (SettingValues column : values.objects("dataset.columns")) {
      try {
        columns.add(column(column, missingWords));
      } catch (IllegalArgumentException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    return new DatasetDescription(
        values.text("dataset.name"), columns, values.text("dataset.label"));
  }

  private static ColumnDescription column(SettingValues values, List<String> missingWords) {
    values.only(
        "name",
        "header",
        "unit",
        "source",
        "min",
        "max",
        "value-by-file",
        "kind",
        "missing",
        "missing-indicator",
        "levels",
        "unknown",
        "min-rows");
    Map<String, Double> byFile = new LinkedHashMap<>();
    for (SettingValues value : values.optionalObjects("value-by-file")) {
      value.only("files", "value");
      byFile.put(value.text("files"), value.number("value"));
    }
    String name = values.text("name");
    ColumnKind kind;
    try {
      kind = kind(values);
    } catch (IllegalArgumentException e) {
      String problem = String.valueOf(e.getMessage());
      // any other message names its key
      throw problem.startsWith("has ")
          ? new IllegalArgumentException("dataset.columns: \"%s\" %s".formatted(name, problem), e)
          : e;
    }
    return new ColumnDescription(
        name,
        values.optionalText("header").orElse(name),
        values.optionalText("unit").orElse(""),
        values.optionalText("source").orElse(""),
        values
            .optionalNumber("min")
            .orElse(kind instanceof ColumnKind.Weight ? 0.0 : Double.NEGATIVE_INFINITY),
        values.optionalNumber("max").orElse(Double.POSITIVE_INFINITY),
        byFile,
        missingWords,
        kind);
  }

  private static ColumnKind kind(SettingValues values) {
    String kind = values.optionalText("kind").orElse("number");
    return switch (kind) {
      case "number" -> {
        values.without(kind, "levels", "unknown", "min-rows");
        yield new ColumnKind.Numeric(
            values
                .optionalChoice("missing", ColumnKind.Missing.class)
                .orElse(ColumnKind.Missing.QUARANTINE),
            values.optionalText("missing-indicator").isPresent() && values.flag("missing-indicator")
                ? Indicator.ADDED
                : Indicator.NONE);
      }
      case "category" -> {
        values.without(kind, "missing", "missing-indicator");
        yield new ColumnKind.Category(
            values.optionalTexts("levels"),
            values.optionalChoice("unknown", Unknown.class).orElse(Unknown.QUARANTINE),
            values.optionalText("min-rows").isPresent() ? values.longInteger("min-rows") : 1);
      }
      case "weight" -> {
        values.without(kind, "missing", "missing-indicator", "levels", "unknown", "min-rows");
        yield new ColumnKind.Weight();
      }
      default ->
          throw new IllegalArgumentException(
              "has kind = \"%s\"; it must be number, category or weight".formatted(kind));
    };
  }

  private static DataSettings data(SettingValues values) {
    if (values.text("data.state-dir").isBlank()) {
      throw new IllegalArgumentException("data.state-dir is empty; it must be a folder");
    }
    String name = values.text("dataset.name");
    if (name.matches(".*[/\\\\].*|[.].*")
        && values.text("data.table").endsWith("/tables/" + name)) {
      throw new IllegalArgumentException(
          "dataset.name is \"%s\"; with a slash, or a dot at its beginning, data.table and the other tables must be set"
              .formatted(name));
    }
    return new DataSettings(
        values.text("data.source"),
        values.choice("data.mode", IngestMode.class),
        values.text("data.table"),
        given(values.text("data.table-version")).map(TablePoint::of),
        values.text("data.quarantine-table"),
        values.text("data.files-table"),
        given(values.text("data.profile-table")),
        values.number("data.max-quarantine-fraction"));
  }

  private static HoldoutSettings holdout(SettingValues values) {
    return new HoldoutSettings(
        values.number("holdout.train-fraction"), values.longInteger("holdout.seed"));
  }

  private static LearningSettings learning(SettingValues values) {
    return new LearningSettings(
        values.number("learning.reg-param"),
        values.number("learning.elastic-net-param"),
        values.flag("learning.standardization"),
        values.flag("learning.fit-intercept"),
        values.integer("learning.max-iterations"),
        values.number("learning.tolerance"),
        values.text("learning.solver"),
        values.text("learning.loss"),
        values.number("learning.huber-epsilon"),
        values.integer("learning.aggregation-depth"));
  }

  private static TuningSettings tuning(SettingValues values) {
    List<Double> grid = values.numbers("tuning.grid.reg-params");
    return new TuningSettings(
        new FoldSettings(values.integer("tuning.folds"), values.longIntegers("tuning.fold-seeds")),
        values.numbers("tuning.elastic-net-params"),
        grid.isEmpty()
            ? new RegParams.Sequence(
                values.integer("tuning.path-length"), values.number("tuning.lambda-min-ratio"))
            : new RegParams.Grid(grid),
        ColumnScaling.of(values.flag("learning.standardization")),
        values.choice("tuning.measure", SelectionMeasure.class),
        values.choice("tuning.rule", SelectionRule.class),
        values.flag("tuning.absolute-error")
            ? TuningSettings.AbsoluteError.MEASURED
            : TuningSettings.AbsoluteError.SKIPPED,
        new SolverSettings(
            values.number("tuning.duality-gap"), values.integer("tuning.max-sweeps")));
  }

  private static BootstrapSettings bootstrap(SettingValues values) {
    return new BootstrapSettings(
        values.integer("metrics.bootstrap.replicates"),
        values.number("metrics.bootstrap.confidence"),
        values.longInteger("metrics.bootstrap.seed"));
  }

  private static ModelSettings model(SettingValues values) {
    return new ModelSettings(
        values.text("model.artifact-path"),
        values.choice("model.python-function", PythonFunction.class),
        values.text("model.python-version"),
        values.text("model.mlflow-version"),
        values.text("model.onnx-version"),
        values.text("model.onnxruntime-version"),
        values.texts("model.requirements"),
        values.text("model.staging-dir"));
  }

  private static MlflowSettings mlflow(SettingValues values, DatabricksSettings databricks) {
    return new MlflowSettings(
        values.text("mlflow.tracking-uri"),
        values.text("mlflow.registry-uri"),
        new RunSettings(
            values.text("mlflow.experiment-name"),
            values.text("mlflow.experiment-id"),
            values.text("mlflow.run-id"),
            values.text("mlflow.run-name")),
        login(values, "mlflow."),
        new HttpSettings(
            values.duration("mlflow.connect-timeout"),
            values.duration("mlflow.request-timeout"),
            values.duration("mlflow.upload-timeout"),
            values.integer("mlflow.max-attempts"),
            values.duration("mlflow.backoff"),
            values.integer("mlflow.upload-threads"),
            values.duration("mlflow.patience"),
            network(values)),
        databricks,
        values.text("mlflow.aws-region"));
  }

  private enum OnOutage {
    KEEP,
    FAIL
  }

  private static Optional<Outbox> outbox(SettingValues values, Optional<Path> file) {
    if (values.choice("mlflow.on-outage", OnOutage.class) == OnOutage.FAIL) {
      return Optional.empty();
    }
    String folder = values.text("mlflow.outbox-dir");
    if (folder.isBlank() || folder.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      throw new IllegalArgumentException(
          "mlflow.outbox-dir is \"%s\"; it must be a folder of the driver's file system, such as /Volumes/main/wine/files/outbox. Without one, set mlflow.on-outage = fail"
              .formatted(folder));
    }
    String config =
        file.map(
                path ->
                    path.toString().startsWith("jar:") ? path : path.toAbsolutePath().normalize())
            .map(path -> " --config " + word(path))
            .orElse("");
    Path outbox = Path.of(folder).toAbsolutePath().normalize();
    return Optional.of(
        new Outbox(outbox, "wine publish" + config + " --set mlflow.outbox-dir=" + word(outbox)));
  }

  /** A path as one word of a shell's command. */
  private static String word(Path path) {
    String text = path.toString();
    return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private static Login login(SettingValues values, String group) {
    return new Login(
        values.text(group + "username"),
        values.text(group + "password"),
        values.text(group + "token"),
        values.text(group + "workspace"));
  }

  private static NetworkSettings network(SettingValues values) {
    return new NetworkSettings(
        values.text("mlflow.network.http-proxy"),
        values.text("mlflow.network.https-proxy"),
        values.text("mlflow.network.no-proxy"),
        values.text("mlflow.network.ca-bundle"),
        values.text("mlflow.network.server-certificates"),
        values.text("mlflow.network.client-certificate"),
        values.flag("mlflow.network.insecure-tls"));
  }

  private static DatabricksSettings databricks(SettingValues values) {
    return new DatabricksSettings(
        values.text("mlflow.databricks.host"),
        values.text("mlflow.databricks.token"),
        values.text("mlflow.databricks.client-id"),
        values.text("mlflow.databricks.client-secret"),
        values.text("mlflow.databricks.profile"),
        values.text("mlflow.databricks.config-file"),
        values.text("mlflow.databricks.cli-path"));
  }

  private static RegistrySettings registry(SettingValues values) {
    return new RegistrySettings(
        values.text("registry.model-name"),
        values.text("registry.alias"),
        values.choice("registry.lifecycle", LifecycleKind.class));
  }

  private static VersionSettings versions(SettingValues values) {
    return new VersionSettings(
        values.flag("registry.enabled"),
        values.integer("registry.keep-versions"),
        values.choice("registry.old-versions", OldVersions.class),
        new GateSettings(
            values.choice("registry.gate.mode", GateMode.class),
            values.number("registry.gate.confidence"),
            values.number("registry.gate.tolerance"),
            values.number("registry.gate.mae-allowance"),
            values.number("registry.gate.profile-allowance")));
  }

  private static RetrainingSettings retraining(SettingValues values) {
    return new RetrainingSettings(
        values.flag("retraining.tune"),
        values.duration("retraining.wait"),
        values.number("retraining.drift.trigger-psi"),
        values.number("retraining.drift.stop-psi"));
  }

  private static ScoringSettings scoring(SettingValues values) {
    return new ScoringSettings(
        given(values.text("scoring.source")),
        values.text("scoring.source-version").isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(values.longInteger("scoring.source-version")),
        values.text("scoring.alias"),
        given(values.text("scoring.version")),
        values.text("scoring.table"),
        values.text("scoring.rejected-table"),
        values.texts("scoring.columns"),
        values.number("scoring.max-rejected-fraction"),
        values.longInteger("scoring.attempt"));
  }

  private static Optional<String> given(String text) {
    return Optional.of(text).filter(value -> !value.isBlank());
  }

  private static CallerSettings caller(SettingValues values) {
    return new CallerSettings(
        values.text("caller.workspace-url"),
        values.text("caller.workspace-id"),
        values.text("caller.job-id"),
        values.text("caller.run-id"));
  }

  private static String render(Config merged) {
    Config masked = merged;
    for (String secret : SettingValues.SECRETS) {
      if (merged.hasPath(secret)
          && !String.valueOf(merged.getValue(secret).unwrapped()).isEmpty()) {
        masked = masked.withValue(secret, ConfigValueFactory.fromAnyRef(SettingValues.MASK));
      }
    }
    return masked.root().render(ConfigRenderOptions.concise().setFormatted(true).setJson(false));
  }
}
