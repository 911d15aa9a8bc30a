package sparkmlflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.databricks.UnityCatalogCalls;

/**
 * Addresses and logins of MLflow, the experiment of new runs, and time limits.
 *
 * @param trackingUri http or https address of the server, with its path prefix if it has one; or
 *     {@code databricks}, {@code databricks://profile}
 * @param registryUri address of the registry's server; or {@code databricks}, {@code
 *     databricks-uc}, each with an optional profile; blank: the tracking server's own, which is
 *     Unity Catalog for a workspace
 * @param login for the tracking server, and for the registry if that is an MLflow server
 * @param databricks login at a workspace
 * @param awsRegion the region whose S3 endpoint is asked where a bucket is; blank: the global one
 */
public record MlflowSettings(
    String trackingUri,
    String registryUri,
    RunSettings run,
    Login login,
    HttpSettings http,
    DatabricksSettings databricks,
    String awsRegion) {

  /** Throws {@link IllegalArgumentException} with one line per bad value, led by its name. */
  public MlflowSettings {
    trackingUri = trackingUri.strip();
    registryUri = registryUri.strip();
    awsRegion = awsRegion.strip();
    List<String> problems = new ArrayList<>();
    if (trackingUri.isEmpty()) {
      problems.add(
          "trackingUri is not set; set it or MLFLOW_TRACKING_URI to the http or https address of an"
              + " MLflow server");
    } else {
      MlflowAddress.trackingProblem("trackingUri", trackingUri).ifPresent(problems::add);
    }
    if (!registryUri.isEmpty()) {
      MlflowAddress.registryProblem("registryUri", registryUri).ifPresent(problems::add);
    }
    if (trackingUri.startsWith(MlflowAddress.WORKSPACE)) {
      run.workspaceProblem().ifPresent(problems::add);
    }
    if (!awsRegion.matches("[a-z0-9-]*")) {
      problems.add(
          "awsRegion is \"%s\"; it must be a region such as eu-central-1".formatted(awsRegion));
    }
    refuseAny(problems);
  }

  /** A server without a login, its own registry, and an experiment by name. */
  public static MlflowSettings of(String trackingUri, String experimentName) {
    return new MlflowSettings(
        trackingUri,
        "",
        RunSettings.inExperiment(experimentName),
        Login.NONE,
        HttpSettings.DEFAULT,
        DatabricksSettings.NONE,
        "");
  }

  /**
   * Reads the variables of MLflow's and Databricks' own clients: {@code MLFLOW_TRACKING_URI},
   * {@code MLFLOW_REGISTRY_URI}, {@code MLFLOW_EXPERIMENT_NAME} and {@code _ID}, {@code
   * MLFLOW_RUN_ID}, {@code MLFLOW_RUN_NAME}, {@code MLFLOW_TRACKING_USERNAME}, {@code _PASSWORD}
   * and {@code _TOKEN}, {@code MLFLOW_WORKSPACE}, {@code DATABRICKS_*}, {@code AWS_REGION}, and
   * those of {@link NetworkSettings}.
   *
   * <p>The default address is {@code http://127.0.0.1:5000}, the default experiment MLflow's {@code
   * Default}.
   *
   * @throws IllegalArgumentException with one line per bad value
   */
  public static MlflowSettings ofEnvironment(Map<String, String> environment) {
    return new MlflowSettings(
        given(environment, "MLFLOW_TRACKING_URI", "http://127.0.0.1:5000"),
        given(environment, "MLFLOW_REGISTRY_URI", ""),
        new RunSettings(
            given(environment, "MLFLOW_EXPERIMENT_NAME", "Default"),
            given(environment, "MLFLOW_EXPERIMENT_ID", ""),
            given(environment, "MLFLOW_RUN_ID", ""),
            given(environment, "MLFLOW_RUN_NAME", "")),
        new Login(
            given(environment, "MLFLOW_TRACKING_USERNAME", ""),
            given(environment, "MLFLOW_TRACKING_PASSWORD", ""),
            given(environment, "MLFLOW_TRACKING_TOKEN", ""),
            given(environment, "MLFLOW_WORKSPACE", "")),
        HttpSettings.DEFAULT.with(NetworkSettings.ofEnvironment(environment)),
        new DatabricksSettings(
            given(environment, "DATABRICKS_HOST", ""),
            given(environment, "DATABRICKS_TOKEN", ""),
            given(environment, "DATABRICKS_CLIENT_ID", ""),
            given(environment, "DATABRICKS_CLIENT_SECRET", ""),
            given(environment, "DATABRICKS_CONFIG_PROFILE", ""),
            given(environment, "DATABRICKS_CONFIG_FILE", ""),
            given(environment, "DATABRICKS_CLI_PATH", "")),
        given(environment, "AWS_REGION", ""));
  }

  private static String given(Map<String, String> environment, String name, String otherwise) {
    String value = environment.getOrDefault(name, "");
    return value.isBlank() ? otherwise : value;
  }

  /**
   * The same settings for another server, which is both tracking server and registry. Runs are new
   * ones in the experiment of the same name.
   *
   * @throws IllegalArgumentException if the address is not valid
   */
  public MlflowSettings at(String address, Login otherLogin) {
    return new MlflowSettings(
        address,
        "",
        new RunSettings(run.experimentName(), "", "", run.runName()),
        otherLogin,
        http.with(http.network().forAnyServer()),
        databricks,
        awsRegion);
  }

  MlflowAddress registryAddress() {
    return registryUri.isEmpty()
        ? trackingAddress().ownRegistry()
        : MlflowAddress.parse(registryUri);
  }

  /** What is wrong with a model's name here, as the rest of a sentence that begins with it. */
  public Optional<String> modelNameProblem(String name) {
    return registryAddress() instanceof MlflowAddress.UnityCatalog
        ? UnityCatalogCalls.nameProblem(name)
        : Optional.empty();
  }

  MlflowAddress trackingAddress() {
    return MlflowAddress.parse(trackingUri);
  }

  static void requireBoth(
      String one, String oneValue, String other, String otherValue, List<String> problems) {
    if (oneValue.isEmpty() != otherValue.isEmpty()) {
      String missing = oneValue.isEmpty() ? one : other;
      problems.add("%s is not set; set both %s and %s".formatted(missing, one, other));
    }
  }

  static void refuseAny(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }
}
