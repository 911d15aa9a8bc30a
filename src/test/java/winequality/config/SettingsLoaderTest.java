package winequality.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sparkmlflow.DatabricksSettings;
import sparkmlflow.HttpSettings;
import sparkmlflow.LogLines;
import sparkmlflow.Login;
import sparkmlflow.MlflowSettings;
import sparkmlflow.NetworkSettings;
import sparkmlflow.RunSettings;
import sparkmlflow.model.ModelSettings;
import sparkmlflow.model.PythonFunction;
import sparkmlflow.registry.LifecycleKind;
import sparkmlflow.registry.RegistrySettings;
import sparkmlflow.run.Outbox;
import winequality.config.SettingsSource.Assignment;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.table.TablePoint;
import winequality.gate.GateSettings;
import winequality.gate.GateSettings.GateMode;
import winequality.gate.RetrainingSettings;
import winequality.gate.TestRegistrySettings;
import winequality.gate.VersionSettings;
import winequality.gate.VersionSettings.OldVersions;
import winequality.metrics.BootstrapSettings;
import winequality.record.CallerSettings;
import winequality.scoring.ScoringSettings;

class SettingsLoaderTest {

  @TempDir Path folder;

  @Test
  void defaultsAreThoseOfTheReference() {
    Settings settings = load();
    assertThat(settings.data())
        .isEqualTo(
            new DataSettings(
                "data/winequality-red.csv",
                IngestMode.REPLACE,
                ".local/tables/wine",
                Optional.empty(),
                ".local/tables/wine_quarantine",
                ".local/tables/wine_files",
                Optional.of(".local/tables/wine_profiles"),
                0.05));
    assertThat(settings.holdout()).isEqualTo(new HoldoutSettings(0.75, 42L));
    // the same as the library's defaults
    assertThat(settings.registry()).isEqualTo(RegistrySettings.of("wine-quality"));
    assertThat(settings.versions()).isEqualTo(TestRegistrySettings.keeping(0, OldVersions.ARCHIVE));
    assertThat(settings.model()).isEqualTo(ModelSettings.DEFAULT);
    assertThat(settings.mlflow())
        .isEqualTo(MlflowSettings.of("http://127.0.0.1:5000", "wine-quality"));
    assertThat(settings.learning())
        .isEqualTo(
            new LearningSettings(
                0.5, 0.5, false, true, 1000, 1e-12, "normal", "squaredError", 1.35, 2));
  }

  @Test
  void wineIsDescribedWithElevenFeaturesAndQualityAsLabel() {
    Settings settings = load();
    assertThat(settings.dataset().label()).isEqualTo("quality");
    assertThat(settings.dataset().features())
        .containsExactly(
            "fixed acidity",
            "volatile acidity",
            "citric acid",
            "residual sugar",
            "chlorides",
            "free sulfur dioxide",
            "total sulfur dioxide",
            "density",
            "pH",
            "sulphates",
            "alcohol");
    assertThat(settings.dataset().columns())
        .contains(
            new ColumnDescription(
                "density", "g/cm³", "doi:10.1016/j.dss.2009.05.016", 0.9, 1.2, Map.of()));
  }

  @Test
  void everyKeyCanBeChanged() {
    Settings settings =
        load(
            "data.source=s3a://bucket/a,b.csv",
            "data.table=main.wine.accepted",
            "data.quarantine-table=main.wine.refused",
            "data.mode=append",
            "data.table-version=2026-01-31",
            "data.files-table=main.wine.files",
            "data.profile-table=",
            "data.max-quarantine-fraction=0.5",
            "holdout.train-fraction=0.6",
            "holdout.seed=-7",
            "learning.reg-param=0.25",
            "learning.elastic-net-param=0",
            "learning.standardization=true",
            "learning.fit-intercept=false",
            "learning.max-iterations=7",
            "learning.tolerance=1e-3",
            "learning.solver=l-bfgs",
            "learning.loss=huber",
            "learning.huber-epsilon=2",
            "learning.aggregation-depth=3");
    assertThat(settings.data())
        .isEqualTo(
            new DataSettings(
                "s3a://bucket/a,b.csv",
                IngestMode.APPEND,
                "main.wine.accepted",
                Optional.of(TablePoint.of("2026-01-31T00:00:00Z")),
                "main.wine.refused",
                "main.wine.files",
                Optional.empty(),
                0.5));
    assertThat(settings.holdout()).isEqualTo(new HoldoutSettings(0.6, -7L));
    assertThat(settings.learning())
        .isEqualTo(
            new LearningSettings(0.25, 0.0, true, false, 7, 1e-3, "l-bfgs", "huber", 2.0, 3));
  }

  @Test
  void everyKeyOfTheReferenceIsReadAndItsGroupRefusesANonsense() {
    Config reference = ConfigFactory.parseResources("winequality/conf/reference.conf").resolve();
    List<String> keys =
        reference.entrySet().stream()
            .map(entry -> entry.getKey())
            .filter(key -> !SettingValues.SECRETS.contains(key))
            .sorted()
            .toList();
    assertThat(keys).hasSizeGreaterThan(50);
    for (String key : keys) {
      // an object instead of a value: the reader of the key must name it in its message
      assertThatThrownBy(() -> load(key + "={ nonsense = 1 }"))
          .as(key)
          .isInstanceOf(InvalidSettingsException.class)
          .hasMessageMatching("(?s).*--set " + key + "(:1)?: " + key + " is a group of keys.*");
    }
  }

  @Test
  void theKeysOfModelWireAndRegistryReachTheirOwnFields() {
    Settings settings =
        load(
            "model.artifact-path=a1",
            "model.python-function=spark",
            "model.python-version=3.11",
            "model.mlflow-version=3.1.0",
            "model.onnx-version=1.20.1",
            "model.onnxruntime-version=1.23.2",
            "model.requirements=[\"numpy==1.0\"]",
            "model.staging-dir=/s1",
            "mlflow.tracking-uri=http://t1",
            "mlflow.registry-uri=http://r1",
            "mlflow.experiment-name=e1",
            "mlflow.experiment-id=7",
            "mlflow.run-id=i1",
            "mlflow.run-name=n1",
            "mlflow.connect-timeout=1s",
            "mlflow.request-timeout=2s",
            "mlflow.upload-timeout=3s",
            "mlflow.max-attempts=4",
            "mlflow.backoff=5s",
            "mlflow.upload-threads=6",
            "mlflow.patience=8s",
            "mlflow.network.no-proxy=n1",
            "mlflow.network.ca-bundle=c1",
            "mlflow.network.client-certificate=c2",
            "mlflow.network.insecure-tls=true",
            "mlflow.workspace=w-1",
            "mlflow.aws-region=eu-west-9",
            "mlflow.databricks.host=h1",
            "mlflow.databricks.profile=p1",
            "mlflow.databricks.config-file=f1",
            "registry.enabled=false",
            "registry.model-name=m1",
            "registry.alias=al1",
            "caller.job-id=j1",
            "caller.run-id=r1",
            "caller.workspace-url=https://w1",
            "caller.workspace-id=7",
            "registry.lifecycle=stages",
            "registry.keep-versions=12",
            "registry.old-versions=delete",
            "registry.gate.mode=approval",
            "registry.gate.confidence=0.9",
            "registry.gate.tolerance=0.02",
            "registry.gate.mae-allowance=0.03",
            "registry.gate.profile-allowance=0.4");
    assertThat(settings.model())
        .isEqualTo(
            new ModelSettings(
                "a1",
                PythonFunction.SPARK,
                "3.11",
                "3.1.0",
                "1.20.1",
                "1.23.2",
                List.of("numpy==1.0"),
                "/s1"));
    assertThat(settings.mlflow())
        .isEqualTo(
            new MlflowSettings(
                "http://t1",
                "http://r1",
                new RunSettings("e1", "7", "i1", "n1"),
                new Login("", "", "", "w-1"),
                new HttpSettings(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    4,
                    Duration.ofSeconds(5),
                    6,
                    Duration.ofSeconds(8),
                    new NetworkSettings("", "", "n1", "c1", "", "c2", true)),
                new DatabricksSettings("h1", "", "", "", "p1", "f1", "databricks"),
                "eu-west-9"));
    assertThat(settings.caller()).isEqualTo(new CallerSettings("https://w1", "7", "j1", "r1"));
    assertThat(settings.registry())
        .isEqualTo(new RegistrySettings("m1", "al1", LifecycleKind.STAGES));
    assertThat(settings.versions())
        .isEqualTo(
            new VersionSettings(
                false,
                12,
                OldVersions.DELETE,
                new GateSettings(GateMode.APPROVAL, 0.9, 0.02, 0.03, 0.4)));
  }

  @Test
  void theLoginOfATargetIsItsOwnAndIsShownToNobody() {
    assertThat(load().targetLogin()).isEqualTo(new Login("", "", "", ""));
    Settings settings =
        load(
            Optional.empty(),
            Map.of(
                "MLFLOW_TRACKING_TOKEN", "own",
                "MLFLOW_TARGET_USERNAME", "u1",
                "MLFLOW_TARGET_PASSWORD", "pass-1",
                "MLFLOW_TARGET_TOKEN", "token-1"));
    assertThat(settings.targetLogin()).isEqualTo(new Login("u1", "pass-1", "token-1", ""));
    assertThat(settings.toString()).doesNotContain("pass-1", "token-1");
    assertThat(settings.rendered()).doesNotContain("pass-1", "token-1");
    MlflowSettings target = settings.mlflow().at("http://prod", settings.targetLogin());
    assertThat(List.of(target.trackingUri(), target.registryUri(), target.login().username()))
        .containsExactly("http://prod", "", "u1");
    assertThat(target.login().token()).isEqualTo("token-1");
    assertThatThrownBy(() -> load(Optional.empty(), Map.of("MLFLOW_TARGET_PASSWORD", "pass-1")))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("mlflow.target.username is not set")
        .satisfies(e -> assertThat(String.valueOf(e.getMessage())).doesNotContain("pass-1"));
  }

  @Test
  void theKeysOfRetrainingReachTheirOwnFields() {
    assertThat(load().retraining())
        .isEqualTo(new RetrainingSettings(false, Duration.ZERO, 0.0, 0.0));
    assertThat(
            load(
                    "retraining.tune=true",
                    "retraining.wait=20m",
                    "retraining.drift.trigger-psi=0.1",
                    "retraining.drift.stop-psi=0.5")
                .retraining())
        .isEqualTo(new RetrainingSettings(true, Duration.ofMinutes(20), 0.1, 0.5));
    assertThatThrownBy(() -> load("retraining.wait=2d", "retraining.drift.trigger-psi=-1"))
        .hasMessageContainingAll(
            "retraining.wait is PT48H; it must lie between 0 and 1 day",
            "retraining.drift.trigger-psi is -1.0; it must be 0 (off) or more");
    assertThatThrownBy(
            () -> load("retraining.drift.trigger-psi=0.3", "retraining.drift.stop-psi=0.3"))
        .hasMessageContaining("new rows could never be trained from");
  }

  // a value that is too small, the ends of the range, a value that is too large
  @ParameterizedTest
  @CsvSource({
    "metrics.bootstrap.confidence, 0.4999, 0.5, 0.999, 0.9991",
    "metrics.bootstrap.replicates, 199, 200, 100000, 100001",
    "registry.gate.confidence, 0.7499, 0.75, 0.999, 0.9991",
    "registry.gate.mae-allowance, -0.01, 0, 1, 1.01",
    "registry.gate.profile-allowance, -0.01, 0, 1e9, Infinity",
    "registry.gate.tolerance, -0.01, 0, 1, 1.01",
    "retraining.drift.stop-psi, -0.1, 0, 1e9, Infinity",
    "retraining.drift.trigger-psi, -0.1, 0, 1e9, Infinity",
    "retraining.wait, -1s, 0s, 1d, 25h",
    "tuning.folds, 1, 2, 1000, 1001",
    "tuning.path-length, 1, 2, 10000, 10001",
  })
  void theEndsOfARangeBelongToIt(
      String key, String below, String least, String most, String above) {
    assertThat(load(key + "=" + least)).isNotNull();
    assertThat(load(key + "=" + most)).isNotNull();
    for (String outside : List.of(below, above)) {
      assertThatThrownBy(() -> load(key + "=" + outside))
          .as(outside)
          .isInstanceOf(InvalidSettingsException.class)
          .hasMessageContaining("--set " + key + ": " + key + " is ");
    }
  }

  @Test
  void theKeysOfScoringReachTheirOwnFields() {
    assertThat(load().scoring())
        .isEqualTo(
            new ScoringSettings(
                Optional.empty(),
                OptionalLong.empty(),
                "champion",
                Optional.empty(),
                ".local/tables/wine_predictions",
                ".local/tables/wine_predictions_rejected",
                List.of(),
                0.05,
                1));
    assertThat(
            load(
                    "scoring.source=s1",
                    "scoring.source-version=7",
                    "scoring.alias=a1",
                    "scoring.version=3",
                    "scoring.table=t1",
                    "scoring.rejected-table=r1",
                    "scoring.columns=[id, pH]",
                    "scoring.max-rejected-fraction=0.25",
                    "scoring.attempt=2")
                .scoring())
        .isEqualTo(
            new ScoringSettings(
                Optional.of("s1"),
                OptionalLong.of(7),
                "a1",
                Optional.of("3"),
                "t1",
                "r1",
                List.of("id", "pH"),
                0.25,
                2));
    assertThatThrownBy(
            () ->
                load(
                    "scoring.source-version=-1",
                    "scoring.alias=",
                    "scoring.table=t",
                    "scoring.rejected-table=t",
                    "scoring.max-rejected-fraction=1.5",
                    "scoring.attempt=0"))
        .hasMessageContainingAll(
            "scoring.source-version is -1",
            "scoring.alias is empty",
            "scoring.rejected-table is the same as scoring.table",
            "scoring.max-rejected-fraction is 1.5",
            "scoring.attempt is 0");
  }

  @Test
  void theKeysOfTheBootstrapReachTheirOwnFields() {
    assertThat(load().bootstrap()).isEqualTo(new BootstrapSettings(2000, 0.95, 11L));
    assertThat(
            load(
                    "metrics.bootstrap.replicates=500",
                    "metrics.bootstrap.confidence=0.9",
                    "metrics.bootstrap.seed=-3")
                .bootstrap())
        .isEqualTo(new BootstrapSettings(500, 0.9, -3L));
    assertThatThrownBy(
            () -> load("metrics.bootstrap.replicates=10", "metrics.bootstrap.confidence=1"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("metrics.bootstrap.replicates is 10; it must lie between 200 and")
        .hasMessageContaining("metrics.bootstrap.confidence is 1.0; it must lie between 0.5 and");
  }

  @Test
  void theKeysOfTuningReachTheirOwnFields() {
    TuningSettings tuning =
        load(
                "tuning.folds=3",
                "tuning.fold-seeds=[1, 2]",
                "tuning.elastic-net-params=[0.25]",
                "tuning.path-length=9",
                "tuning.lambda-min-ratio=0.5",
                "tuning.measure=mse",
                "tuning.rule=one-standard-error",
                "tuning.absolute-error=true",
                "tuning.duality-gap=1e-3",
                "tuning.max-sweeps=8",
                "tuning.child-runs=none",
                "learning.standardization=true")
            .tuning();
    assertThat(tuning)
        .isEqualTo(
            new TuningSettings(
                new FoldSettings(3, List.of(1L, 2L)),
                List.of(0.25),
                new RegParams.Sequence(9, 0.5),
                ColumnScaling.STANDARDIZED,
                SelectionMeasure.MSE,
                SelectionRule.ONE_STANDARD_ERROR,
                TuningSettings.AbsoluteError.MEASURED,
                new SolverSettings(1e-3, 8)));
    assertThat(load("tuning.grid.reg-params=[0.01, 0.5, 2.0]").tuning().regParams())
        .isEqualTo(new RegParams.Grid(List.of(0.01, 0.5, 2.0)));
  }

  @Test
  void theEnvironmentWinsOverAFileAndLosesToTheCommandLineAndBlankMeansNotSet() throws IOException {
    Path file = file("mlflow.experiment-name = file, mlflow.run-name = file");
    Map<String, String> environment =
        Map.of(
            "MLFLOW_TRACKING_URI", "http://env",
            "MLFLOW_REGISTRY_URI", "http://registry",
            "MLFLOW_EXPERIMENT_NAME", "env",
            "MLFLOW_EXPERIMENT_ID", "5",
            "MLFLOW_RUN_ID", "r",
            "MLFLOW_RUN_NAME", " ",
            "MLFLOW_TRACKING_USERNAME", "user",
            "MLFLOW_TRACKING_PASSWORD", "pass",
            "MLFLOW_TRACKING_TOKEN", "tok");
    MlflowSettings mlflow =
        load(Optional.of(file), environment, "mlflow.tracking-uri=http://set").mlflow();
    assertThat(mlflow.trackingUri()).isEqualTo("http://set");
    assertThat(mlflow.registryUri()).isEqualTo("http://registry");
    assertThat(mlflow.run().experimentName()).isEqualTo("env");
    assertThat(mlflow.run().experimentId()).isEqualTo("5");
    assertThat(mlflow.run().runId()).isEqualTo("r");
    assertThat(mlflow.run().runName()).isEqualTo("file");
    assertThat(mlflow.login().username()).isEqualTo("user");
    assertThat(mlflow.login().password()).isEqualTo("pass");
    assertThat(mlflow.login().token()).isEqualTo("tok");
  }

  @Test
  void theVariablesOfTheNetworkReachTheirOwnFields() {
    Map<String, String> variables = new HashMap<>();
    variables.put("ALL_PROXY", "http://p1:1");
    variables.put("HTTPS_PROXY", "http://ada:SECRET@p2:2");
    variables.put("https_proxy", "");
    variables.put("no_proxy", "n1");
    variables.put("SSL_CERT_FILE", "c1");
    variables.put("MLFLOW_TRACKING_CLIENT_CERT_PATH", "c2");
    variables.put("MLFLOW_TRACKING_INSECURE_TLS", "True");
    variables.put("MLFLOW_WORKSPACE", "team-a");
    variables.put("MLFLOW_TARGET_WORKSPACE", "team-b");
    Settings settings = load(Optional.empty(), variables);
    assertThat(settings.mlflow().http().network())
        .isEqualTo(
            new NetworkSettings(
                "http://p1:1", "http://ada:SECRET@p2:2", "n1", "c1", "", "c2", true));
    assertThat(settings.mlflow().login().workspace()).isEqualTo("team-a");
    assertThat(settings.targetLogin().workspace()).isEqualTo("team-b");
    assertThat(settings.rendered()).doesNotContain("SECRET");
    assertThat(settings.toString()).doesNotContain("SECRET");
    variables.put("MLFLOW_TRACKING_SERVER_CERT_PATH", "c3");
    assertThatThrownBy(() -> load(Optional.empty(), variables))
        .hasMessageContaining(
            "mlflow.network.insecure-tls is true although mlflow.network.server-certificates is set");
  }

  @Test
  void theVariablesOfDatabricksReachTheirOwnFields() {
    Map<String, String> common =
        Map.of(
            "DATABRICKS_HOST", "https://h",
            "DATABRICKS_CONFIG_PROFILE", "p",
            "DATABRICKS_CONFIG_FILE", "/f",
            "AWS_REGION", "eu-north-1");
    Map<String, String> withToken = new HashMap<>(common);
    withToken.put("DATABRICKS_TOKEN", "dapi");
    assertThat(load(Optional.empty(), withToken).mlflow().databricks())
        .isEqualTo(new DatabricksSettings("https://h", "dapi", "", "", "p", "/f", "databricks"));
    assertThat(load(Optional.empty(), withToken).mlflow().awsRegion()).isEqualTo("eu-north-1");
    Map<String, String> withClient = new HashMap<>(common);
    withClient.put("DATABRICKS_CLIENT_ID", "id");
    withClient.put("DATABRICKS_CLIENT_SECRET", "secret");
    assertThat(load(Optional.empty(), withClient).mlflow().databricks())
        .isEqualTo(
            new DatabricksSettings("https://h", "", "id", "secret", "p", "/f", "databricks"));
  }

  @Test
  void tablesLieBesideEachOther() {
    assertThatThrownBy(() -> load("data.table=/t/wine", "data.quarantine-table=/t/wine/bad"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("data.quarantine-table is \"/t/wine/bad\" and data.table \"/t/wine\"")
        .hasMessageContaining("give them separate folders");
    assertThatThrownBy(() -> load("data.files-table=/t", "data.table=/t/wine"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("data.files-table is \"/t\" and data.table \"/t/wine\"");
    assertThat(load("data.table=/t/wine", "data.quarantine-table=/t/wine_bad").data().table())
        .isEqualTo("/t/wine");
  }

  @Test
  void aNameForUnityCatalogHasThreePartsWhereverTheCatalogIsNamed() {
    assertThatThrownBy(() -> load("mlflow.registry-uri=databricks-uc"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("registry.model-name is \"wine-quality\"")
        .hasMessageContaining("main.ml.wine-quality");
    assertThat(
            load("mlflow.registry-uri=databricks-uc", "registry.model-name=main.ml.wine")
                .registry()
                .modelName())
        .isEqualTo("main.ml.wine");
    assertThat(load("mlflow.registry-uri=databricks-uc", "registry.enabled=false").registry())
        .isNotNull();
  }

  @Test
  void secretsAreShownNowhere() throws IOException {
    Settings settings =
        load(
            Optional.of(file("mlflow.token = SECRET1")),
            Map.of("MLFLOW_TRACKING_USERNAME", "u", "MLFLOW_TRACKING_PASSWORD", "SECRET2"));
    assertThat(settings.rendered()).contains("****").doesNotContain("SECRET");
    assertThat(settings.toString()).doesNotContain("SECRET");
    Assignment assignment = new Assignment("--set a.b", "a.b", "SECRET");
    assertThat(
            new SettingsSource(Optional.empty(), List.of(assignment), Map.of("A", "SECRET"))
                .toString())
        .contains("a.b")
        .doesNotContain("SECRET");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlflow.token=SECRET",
        "mlflow.tokn=SECRET",
        "mlflow.token=[SECRET]",
        "mlflow.password={\"SECRET",
        "mlflow.tracking-uri=https://user:SECRET@host",
        "mlflow.tracking-uri=https://user:SEC/SECRET@host"
      })
  void aSecretOnTheCommandLineIsRefusedAndNotRepeated(String assignment) {
    assertThatThrownBy(() -> load(assignment))
        .isInstanceOf(InvalidSettingsException.class)
        .satisfies(e -> assertThat(String.valueOf(e.getMessage())).doesNotContain("SECRET"))
        .hasMessageContaining("--set " + assignment.substring(0, assignment.indexOf('=')));
  }

  @Test
  void aSecretOfTheWrongTypeInAFileIsMasked() throws IOException {
    Path file = file("mlflow.token = { SECRET = SECRET }");
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .satisfies(e -> assertThat(String.valueOf(e.getMessage())).doesNotContain("SECRET"));
  }

  @Test
  void everythingWrongWithADatasetIsReportedAtItsPlaceAndNothingElse() throws IOException {
    Path file =
        file(
            """
            dataset {
              label = y
              name = wine
              columns = [{name = a, mn = 0}, {name = b, min = x}, {name = c, max = [1]}, {name = y}]
            }
            """);
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage(
            """
            3 problems in the settings:
              %1$s:4: dataset.columns[0].mn is not a known key; did you mean "min"?
              %1$s:4: dataset.columns[1].min is "x"; it must be a finite number
              %1$s:4: dataset.columns[2].max is a list; it must be a text"""
                .formatted(file));
  }

  @Test
  void aDurationNeedsItsUnit() {
    assertThatThrownBy(() -> load("mlflow.request-timeout=30"))
        .hasMessageContaining(
            "mlflow.request-timeout is \"30\"; it must be a duration with its unit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"features", "Prediction", "_rule", "a.b", "a`b", "a\\\"b", "a${HOME}"})
  void columnNamesThatThePipelineCannotTakeAreRefused(String name) throws IOException {
    Path file =
        file("dataset { label = y, columns = [{name = \"%s\"}, {name = y}] }".formatted(name));
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("dataset.columns has \"" + name.replace("\\", "") + "\"");
  }

  @Test
  void aFileThatTheJarBringsCanBeNamed() {
    Settings settings =
        load(Optional.of(Path.of("jar:local.conf")), Map.of("WINE_HOME", "/h", "WINE_STATE", "/s"));
    assertThat(settings.data().source()).isEqualTo("/h/data/winequality-red.csv");
    assertThat(settings.outbox().orElseThrow().publish())
        .startsWith("wine publish --config jar:local.conf ");
    assertThatThrownBy(() -> load(Optional.of(Path.of("jar:none.conf")), Map.of()))
        .hasMessageContaining("--config jar:none.conf: the jar has no settings file of that name");
  }

  @Test
  void theStateFolderOfTheLauncherIsADefault() throws IOException {
    Map<String, String> launcher = Map.of("WINE_STATE", "/s");
    Path file = file("holdout.seed = 1");
    assertThat(tables(load(Optional.of(file), launcher)))
        .containsExactly(
            "/s/tables/wine",
            "/s/tables/wine_quarantine",
            "/s/tables/wine_files",
            "/s/tables/wine_profiles",
            "/s/tables/wine_predictions",
            "/s/tables/wine_predictions_rejected");
    assertThat(tables(load(Optional.of(file), launcher, "data.state-dir=/own")))
        .allMatch(table -> table.startsWith("/own/tables/wine"));
    Outbox outbox = load(Optional.of(file), launcher).outbox().orElseThrow();
    assertThat(outbox.folder()).isEqualTo(Path.of("/s/outbox"));
    assertThat(outbox.publish())
        .isEqualTo("wine publish --config %s --set mlflow.outbox-dir=/s/outbox".formatted(file));
    Path spaced = Files.createDirectory(folder.resolve("my settings")).resolve("it's.conf");
    Files.writeString(spaced, "mlflow.outbox-dir = /my box");
    assertThat(load(Optional.of(spaced), Map.of()).outbox().orElseThrow().publish())
        .as("a command that a shell can run")
        .isEqualTo(
            "wine publish --config '%s' --set mlflow.outbox-dir='/my box'"
                .formatted(spaced.toString().replace("'", "'\\''")));
    Path own = file("mlflow.outbox-dir = /own");
    assertThat(load(Optional.of(own), launcher).outbox().orElseThrow().folder())
        .isEqualTo(Path.of("/own"));
    assertThat(load(Optional.empty(), Map.of()).outbox().orElseThrow().folder())
        .isEqualTo(Path.of(".local/outbox").toAbsolutePath());
  }

  @Test
  void anEarlierTrainingIsRegisteredAsItWantedToBe() {
    Settings then =
        load(
            Optional.empty(),
            Map.of(),
            "registry.alias=night",
            "registry.gate.confidence=0.9",
            "registry.keep-versions=3",
            "registry.gate.mode=approval");
    Settings now = load(Optional.empty(), Map.of(), "registry.keep-versions=5");
    Settings both = new SettingsLoader().registering(now, then.rendered(), "settings.conf");
    assertThat(both.registry().alias()).isEqualTo("night");
    assertThat(both.versions().gate().confidence()).isEqualTo(0.9);
    assertThat(both.versions().gate().mode()).isEqualTo(GateMode.APPROVAL);
    assertThat(both.versions().keepVersions()).isEqualTo(5);
    // of both, the mode that promotes less
    Settings reverse = new SettingsLoader().registering(then, now.rendered(), "settings.conf");
    assertThat(reverse.versions().gate().mode()).isEqualTo(GateMode.APPROVAL);
    assertThat(reverse.registry().alias()).isEqualTo("challenger");
  }

  @Test
  void whatAnEarlierJobHasRecordedIsCheckedToo() {
    Settings now = load();
    SettingsLoader loader = new SettingsLoader();
    assertThatThrownBy(() -> loader.recorded(now.rendered() + "\nholdout.sed = 1", "settings.conf"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("unknown key \"holdout.sed\"; did you mean \"holdout.seed\"?");
    assertThatThrownBy(
            () ->
                loader.registering(
                    now, now.rendered() + "\nregistry.gate.confidence = 2", "settings.conf"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("registry.gate.confidence is 2.0");
  }

  @Test
  void laterLayersWin() throws IOException {
    Path file = file("holdout.seed = 1, holdout.train-fraction = 0.5");
    Settings settings = load(Optional.of(file), Map.of(), "holdout.seed=2", "holdout.seed=3");
    assertThat(settings.holdout()).isEqualTo(new HoldoutSettings(0.5, 3L));
  }

  @Test
  void whatAFileRefersToHasTheValueOfTheLayersOverTheFile() throws IOException {
    Path file = file("data.table = tables/a\ndata.quarantine-table = ${data.table}_bad");
    Settings settings = load(Optional.of(file), Map.of(), "data.table=tables/b");
    assertThat(settings.data().table()).isEqualTo("tables/b");
    assertThat(settings.data().quarantineTable()).isEqualTo("tables/b_bad");
    Path ofServer = file("mlflow.run-name = ${mlflow.experiment-name}-night");
    assertThat(
            load(Optional.of(ofServer), Map.of("MLFLOW_EXPERIMENT_NAME", "wines"))
                .mlflow()
                .run()
                .runName())
        .isEqualTo("wines-night");
  }

  @Test
  void threeSettingsMoveEverythingOfAWorkspace() {
    Settings settings =
        load(
            Optional.of(Path.of("jar:databricks.conf")),
            Map.of(),
            "databricks.catalog=c1",
            "databricks.schema=s1",
            "databricks.volume=v1");
    assertThat(settings.data().source()).isEqualTo("/Volumes/c1/s1/v1/landing/");
    assertThat(settings.model().stagingDir()).isEqualTo("/Volumes/c1/s1/v1/staging");
    assertThat(settings.outbox().orElseThrow().folder()).hasToString("/Volumes/c1/s1/v1/outbox");
    assertThat(settings.mlflow().run().experimentName()).isEqualTo("/Shared/wine-quality");
    assertThat(settings.registry().modelName()).isEqualTo("c1.s1.wine_quality");
    assertThat(tables(settings))
        .containsExactly(
            "c1.s1.wine",
            "c1.s1.wine_quarantine",
            "c1.s1.wine_files",
            "c1.s1.wine_profiles",
            "c1.s1.wine_predictions",
            "c1.s1.wine_predictions_rejected");
    assertThatThrownBy(() -> load("databricks.schema=a.b"))
        .hasMessageContaining("databricks.schema is \"a.b\"; it must be one name");
  }

  @Test
  void aFileMayReferToDefaultsAndVariables() throws IOException {
    Path file =
        file("data.table = ${HOME_OF_TABLES}/wine\ndata.quarantine-table = ${data.table}_bad");
    Settings settings = load(Optional.of(file), Map.of("HOME_OF_TABLES", "/tables"));
    assertThat(settings.data().quarantineTable()).isEqualTo("/tables/wine_bad");
  }

  @Test
  void aFileMayAddAColumnToThoseOfTheDefaults() throws IOException {
    Path file =
        file(
            """
            dataset.columns = ${dataset.columns} [
              { name = colour, unit = "0 red, 1 white", min = 0, max = 1
                value-by-file = [{ files = "*red*", value = 0 }, { files = "*white*", value = 1 }] }
            ]
            dataset { name = ${dataset.name}s, label = ${dataset.label} }
            data.source = wines/
            """);
    Settings settings = load(Optional.of(file), Map.of());
    assertThat(settings.dataset().name()).isEqualTo("wines");
    assertThat(settings.dataset().columns()).hasSize(13);
    ColumnDescription colour = settings.dataset().columns().get(12);
    assertThat(colour.valueByFile()).containsExactly(entry("*red*", 0.0), entry("*white*", 1.0));
    assertThat(settings.holdout()).isEqualTo(load().holdout());
  }

  @Test
  void aValueByFileMustBeOneThatIsBelieved() throws IOException {
    Path file =
        file(
            "dataset { label = y, columns = [{name = y}, {name = c, max = 1, value-by-file = [{files = \"*\", value = 2}]}] }");
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .hasMessageContaining(
            "dataset.columns: \"c\" has the value 2.0 for files *; it must lie between its min -Infinity and max 1.0");
  }

  @Test
  void anotherDatasetNeedsAnotherFileOnly() throws IOException {
    String beer =
        "data.source = beer.csv, dataset { name = beer, label = score, columns = [{name = ibu, min = 0}, {name = score}] }";
    Path file = file(beer + "\ndata.quarantine-table = ${data.table}_bad");
    Settings settings = load(Optional.of(file), Map.of());
    assertThat(tables(settings))
        .containsExactly(
            ".local/tables/beer",
            ".local/tables/beer_bad",
            ".local/tables/beer_files",
            ".local/tables/beer_profiles",
            ".local/tables/beer_predictions",
            ".local/tables/beer_predictions_rejected");
    assertThat(settings.registry().modelName()).isEqualTo("beer");
    assertThat(settings.mlflow().run().experimentName()).isEqualTo("beer");
    assertThat(settings.rendered()).contains("model-name=beer", "experiment-name=beer");
    assertThat(load(Optional.of(file), Map.of("MLFLOW_EXPERIMENT_NAME", "ours")).mlflow().run())
        .extracting(RunSettings::experimentName)
        .isEqualTo("ours");
    Files.copy(Path.of("conf/databricks.conf"), folder.resolve("databricks.conf"));
    Settings workspace = load(Optional.of(file("include \"databricks.conf\"\n" + beer)), Map.of());
    assertThat(workspace.data().source()).isEqualTo("beer.csv");
    assertThat(tables(workspace)).allMatch(table -> table.startsWith("main.wine.beer"));
    assertThat(workspace.registry().modelName()).isEqualTo("main.wine.beer");
    assertThat(workspace.mlflow().run().experimentName()).isEqualTo("/Shared/beer");
    assertThat(settings.dataset().columns())
        .containsExactly(
            new ColumnDescription("ibu", "", 0, Double.POSITIVE_INFINITY),
            new ColumnDescription("score", "", Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
  }

  @Test
  void nothingOfTheWinesShowsThroughInAnotherDataset() throws IOException {
    Path file = file("\ndataset.name = beer, dataset.label = score\nholdout.train-fraction = 2");
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .hasMessageStartingWith("2 problems in the settings:")
        .hasMessageContaining(
            file
                + ":2: dataset.name is \"beer\"; set dataset.columns too, because the defaults are those of the wines. `wine describe` drafts a complete file");
    String other = "dataset.columns=[{name = ibu}, {name = score}]";
    assertThatThrownBy(() -> load("dataset.name=a/b", "dataset.label=score", other))
        .hasMessageContaining("--set dataset.name: registry.model-name is \"a/b\"; it must not")
        .hasMessageContaining("dataset.name is \"a/b\"; with a slash, or a dot at its beginning,");
    assertThatThrownBy(() -> load("dataset.name= ")).hasMessageContaining("dataset.name is empty");
    assertThatThrownBy(() -> load("data.state-dir="))
        .hasMessageContaining("data.state-dir is empt");
  }

  @Test
  void whatAnotherDatasetIsGivenMayBeAReference() throws IOException {
    String columns = "columns = [{name = ibu}, {name = score}]";
    Path merged = file("dataset = ${dataset} { name = beer, label = score, " + columns + " }");
    Settings settings = load(Optional.of(merged), Map.of());
    assertThat(settings.dataset().features()).containsExactly("ibu");
    // only a training needs it
    assertThat(settings.data().source()).isEmpty();
    Path source =
        file("dataset { name = beer, label = score, " + columns + " }\ndata.source = ${?BEER}");
    assertThat(load(Optional.of(source), Map.of()).data().source()).isEmpty();
  }

  @Test
  void aDefaultThatFollowsNamesWhatItFollowsFrom() {
    assertThatThrownBy(() -> load("data.state-dir=s3a://b"))
        .hasMessageContaining("  --set data.state-dir: mlflow.outbox-dir is \"s3a://b/outbox\"");
  }

  @Test
  void aColumnIsANumberACategoryOrAWeight() throws IOException {
    Path file =
        file(
            "dataset { label = y, columns = [{name = y}, {name = a},"
                + " {name = bmi, missing = mean, missing-indicator = true}, {name = n, missing = zero},"
                + " {name = cut, kind = category, levels = [Fair, Good]},"
                + " {name = island, kind = category, unknown = other, min-rows = 20},"
                + " {name = w, kind = weight}] }");
    DatasetDescription dataset = load(Optional.of(file), Map.of()).dataset();
    assertThat(dataset.columns())
        .extracting(ColumnDescription::kind)
        .containsExactly(
            ColumnKind.NUMBER,
            ColumnKind.NUMBER,
            new ColumnKind.Numeric(ColumnKind.Missing.MEAN, Indicator.ADDED),
            new ColumnKind.Numeric(ColumnKind.Missing.ZERO, Indicator.NONE),
            new ColumnKind.Category(List.of("Fair", "Good"), Unknown.QUARANTINE, 1),
            new ColumnKind.Category(List.of(), Unknown.OTHER, 20),
            new ColumnKind.Weight());
    assertThat(dataset.features()).containsExactly("a", "bmi", "n", "cut", "island");
    assertThat(dataset.weight()).contains("w");
    assertThat(dataset.columns().get(6).min()).isZero();
  }

  @Test
  void aColumnMayHaveAnotherNameInTheFilesAndFilesTheirWordsForMissingValues() throws IOException {
    Path file =
        file(
            "dataset { label = y, missing-words = [none, -999],"
                + " columns = [{name = y, header = \"\"}, {name = solar, header = Solar.R}] }");
    List<ColumnDescription> columns = load(Optional.of(file), Map.of()).dataset().columns();
    assertThat(columns).extracting(ColumnDescription::header).containsExactly("", "Solar.R");
    assertThat(columns.get(1).missingWords()).containsExactly("none", "-999");
    assertThat(load().dataset().columns())
        .allMatch(column -> column.header().equals(column.name()))
        .allMatch(column -> column.missingWords().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name = Solar.R}|give the one in the files as its header",
        "{name = b, header = Y}|dataset.columns has two columns with the header \"Y\"",
        "{name = b, header = c, value-by-file = [{files = \"*\", value = 1}]}|\"b\" has a header and value-by-file",
        "{name = b, kind = text}|\"b\" has kind = \"text\"; it must be number, category or weight",
        "{name = b, levels = [u, v]}|\"b\" has levels, which a column of kind = number cannot have",
        "{name = b, missing-indicator = true}|\"b\" has missing-indicator = true, but rows with a missing value are quarantined",
        "{name = b, missing = median}|missing is \"median\"; it must be one of [quarantine, mean, zero]",
        "{name = b, kind = category, missing = mean}|\"b\" has missing, which a column of kind = category cannot have",
        "{name = b, kind = category, min = 0}|\"b\" is a category; only a number has min, max or value-by-file",
        "{name = b, kind = category, levels = [u]}|\"b\" has one level, [u]",
        "{name = b, kind = category, levels = [u, u]}|\"b\" has a level twice",
        "{name = b, kind = category, levels = [u, \" v\"]}|\"b\" has a level that is blank or begins or ends with a space",
        "{name = b, kind = category, min-rows = 2}|\"b\" has min-rows = 2; it must be at least 1, and needs unknown = other or base",
        "{name = b, kind = weight, unknown = base}|\"b\" has unknown, which a column of kind = weight cannot have",
        "{name = b, kind = weight, min = -1}|\"b\" is a weight with min -1.0",
        "{name = b, kind = weight}|dataset.columns has no feature",
      },
      quoteCharacter = '\1')
  void aHeaderBelongsToOneField(String column, String message) throws IOException {
    Path file = file("dataset { label = y, columns = [{name = y}, %s] }".formatted(column));
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .hasMessageContaining(message)
        // the place once
        .message()
        .doesNotContainPattern("dataset.columns.*dataset.columns");
  }

  @Test
  void everythingWrongIsReportedAtOnceWithOriginAndNearestKey() throws IOException {
    Path file =
        file(
            """
            holdout {
              train-fracton = 0.7
              train-fraction = 1.2
            }
            learning.standardization = ture
            """);
    InvalidSettingsException e =
        catchThrowableOfType(
            InvalidSettingsException.class,
            () ->
                load(
                    Optional.of(file),
                    Map.of(),
                    "learning.reg-param=NaN",
                    "learning.elastic-net-param=2",
                    "data.table=same",
                    "data.quarantine-table=same",
                    "holdot.seed=1"));
    assertThat(e)
        .hasMessageStartingWith("7 problems in the settings:")
        .hasMessageContaining(
            file
                + ":2: unknown key \"holdout.train-fracton\"; did you mean \"holdout.train-fraction\"?")
        .hasMessageContaining(
            file + ":3: holdout.train-fraction is 1.2; it must lie strictly between 0 and 1")
        .hasMessageContaining(
            file + ":5: learning.standardization is \"ture\"; it must be true or false")
        .hasMessageContaining(
            "--set learning.reg-param: learning.reg-param is \"NaN\"; it must be a finite number")
        .hasMessageContaining("--set learning.elastic-net-param: learning.elastic-net-param is 2.0")
        .hasMessageContaining("data.quarantine-table is the same as data.table")
        .hasMessageContaining(
            "--set holdot.seed: unknown key \"holdot.seed\"; did you mean \"holdout.seed\"?");
  }

  @Test
  void aFileThatIsNotThereIsAProblemBesidesTheOthers() {
    assertThatThrownBy(
            () ->
                load(
                    Optional.of(folder.resolve("none.conf")), Map.of(), "holdout.train-fraction=0"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageStartingWith("2 problems")
        .hasMessageContaining("none.conf: there is no such file")
        .hasMessageContaining("holdout.train-fraction is 0.0");
  }

  @Test
  void aFolderIsNoSettingsFile() {
    assertThatThrownBy(() -> load(Optional.of(folder), Map.of()))
        .hasMessageContaining("the file cannot be read");
  }

  @Test
  void brokenHoconNamesFileAndLine() throws IOException {
    Path file = file("holdout.seed = 1\nholdout {");
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("the file is not valid HOCON")
        .hasMessageContaining(file.toString());
  }

  @Test
  void anUnknownKeyOfAColumnIsNamedWithItsPlace() throws IOException {
    Path file = file("dataset { label = s, columns = [{name = i, minimum = 0}, {name = s}] }");
    assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
        .hasMessageContaining(
            file + ":1: dataset.columns[0].minimum is not a known key; did you mean \"min\"?");
    Path inner =
        file(
            "dataset { label = s, columns = [{name = s}, {name = i, value-by-file = [{files = \"*\", value = 1, valu = 2}]}] }");
    assertThatThrownBy(() -> load(Optional.of(inner), Map.of()))
        .hasMessageContaining(
            inner
                + ":1: dataset.columns[1].value-by-file[0].valu is not a known key; did you mean \"value\"?");
  }

  @Test
  void valuesWhereGroupsBelongAndGroupsWhereValuesBelongAreRefused() {
    assertThatThrownBy(() -> load("holdout=5", "learning.reg-param={ a = 1 }"))
        .hasMessageContaining("\"holdout\" is a group of keys")
        .hasMessageContaining("learning.reg-param is a group of keys; it must be a text");
  }

  @Test
  void equalSettingsHaveEqualFingerprintsWhateverTheirSpelling() {
    assertThat(load("learning.reg-param=5e-1").fingerprint()).isEqualTo(load().fingerprint());
    assertThat(load("learning.reg-param=0.4").fingerprint()).isNotEqualTo(load().fingerprint());
    assertThat(load("data.table=elsewhere").fingerprint()).isEqualTo(load().fingerprint());
  }

  @Test
  void aFileIncludesWhatLiesBesideItAndNothingElse() throws IOException {
    Files.createDirectories(folder.resolve("below"));
    Files.writeString(
        folder.resolve("below/other.conf"), "include \"next.conf\"\nholdout.seed = 5");
    Files.writeString(folder.resolve("below/next.conf"), "holdout.train-fraction = 0.6");
    Settings settings = load(Optional.of(file("include \"below/other.conf\"")), Map.of());
    assertThat(settings.holdout().seed()).isEqualTo(5);
    assertThat(settings.holdout().trainFraction()).isEqualTo(0.6);

    Path secret = Files.writeString(folder.resolve("secret.conf"), "data.source = SECRET");
    for (String include :
        List.of(
            "include url(\"http://127.0.0.1:9/x.conf\")",
            "include url(\"" + secret.toUri() + "\")",
            "include file(\"" + secret + "\")",
            "include classpath(\"reference.conf\")",
            "include required(file(\"" + secret + "\"))",
            "include \"" + secret + "\"",
            "include \"" + secret.toUri() + "\"",
            "include \"below/../secret.conf\"",
            "include \"../secret.conf\"")) {
      Optional<Path> file = Optional.of(file(include));
      assertThatThrownBy(() -> load(file, Map.of()))
          .as(include)
          .isInstanceOf(InvalidSettingsException.class)
          .hasMessageContaining(
              "is refused; a settings file includes only files that exist in its folder")
          .hasMessageNotContaining("SECRET");
    }
    // neither does a value of the command line, nor what a run has recorded
    for (String value :
        List.of(
            "{ include file(\"" + secret + "\") }",
            "{ include \"" + secret.getFileName() + "\" }",
            "{ include \"winequality/conf/environment.conf\" }",
            "[]\ninclude file(\"" + secret + "\")")) {
      assertThatThrownBy(() -> load("data=" + value))
          .as(value)
          .isInstanceOf(InvalidSettingsException.class)
          .hasMessageContaining("--set data: include ")
          .hasMessageContaining(
              "is refused; a settings file includes only files that exist in its folder")
          .hasMessageNotContaining("SECRET");
    }
    assertThatThrownBy(
            () ->
                new SettingsLoader().recorded("include file(\"" + secret + "\")", "settings.conf"))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining(
            "is refused; a settings file includes only files that exist in its folder");
    Optional<Path> lost = Optional.of(file("include \"lost.conf\""));
    assertThatThrownBy(() -> load(lost, Map.of())).hasMessageContaining("lost.conf");
  }

  @Test
  void aFileWithASecretThatEverybodyMayReadIsAWarning() throws IOException {
    Path shared = file("mlflow.token = tok");
    Path reference = Files.writeString(folder.resolve("ref.conf"), "mlflow.token = ${?TOKEN}");
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(reference, PosixFilePermissions.fromString("rw-r--r--"));
    Path own = Files.writeString(folder.resolve("600.conf"), "mlflow.token = tok");
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-r-----"));
    LogLines log = LogLines.record();
    try {
      load(Optional.of(own), Map.of());
      load(Optional.of(reference), Map.of("TOKEN", "tok"));
      assertThat(log.recorded()).isEmpty();
      load(Optional.of(shared), Map.of());
      load(Optional.of(shared), Map.of());
    } finally {
      log.end();
    }
    assertThat(log.recorded())
        .containsExactly(
            "Every user of this machine may read %s (rw-r--r--), which has a secret. Let only its owner read it: chmod 600 %s"
                .formatted(shared, shared));
  }

  private static List<String> tables(Settings settings) {
    return List.of(
        settings.data().table(),
        settings.data().quarantineTable(),
        settings.data().filesTable(),
        settings.data().profileTable().orElseThrow(),
        settings.scoring().table(),
        settings.scoring().rejectedTable());
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("own.conf"), text);
  }

  private static Settings load(String... assignments) {
    return load(Optional.empty(), Map.of(), assignments);
  }

  private static Settings load(
      Optional<Path> file, Map<String, String> environment, String... assignments) {
    List<Assignment> all = new ArrayList<>();
    for (String text : assignments) {
      int equals = text.indexOf('=');
      all.add(
          new Assignment(
              "--set " + text.substring(0, equals),
              text.substring(0, equals),
              text.substring(equals + 1)));
    }
    return new SettingsLoader().load(new SettingsSource(file, all, environment));
  }
}
