package sparkmlflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.databricks.CatalogName;

/**
 * Where MLflow is, as whom it is called, where runs are made and how patient calls are.
 *
 * @param trackingUri http or https address of the server, with its path prefix if it has one; or
 *     {@code databricks}, {@code databricks://profile}
 * @param registryUri address of the registry's server, or {@code databricks}, {@code
 *     databricks-uc}, each perhaps with a profile; blank: the tracking server's own, which is Unity
 *     Catalog for a workspace
 * @param run where runs are made
 * @param login at the tracking server and at a registry that is an MLflow server
 * @param http how patient calls are
 * @param databricks as whom a workspace is called
 * @param awsRegion whose S3 is asked where a bucket is; blank: that of all regions
 */
public record MlflowSettings(
    String trackingUri,
    String registryUri,
    RunSettings run,
    Login login,
    HttpSettings http,
    DatabricksSettings databricks,
    String awsRegion) {

  /**
   * Checks all values together.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its name
   */
  public MlflowSettings {
    trackingUri = trackingUri.strip();
    registryUri = registryUri.strip();
    awsRegion = awsRegion.strip();
    List<String> problems = new ArrayList<>();
    if (trackingUri.isEmpty()) {
      problems.add(
          "trackingUri is not set; it must be the http or https address of an MLflow server"
              + " (environment: MLFLOW_TRACKING_URI)");
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
    Problems.refuseAny(problems);
  }

  /** The server at that address, its own registry, the experiment of that name, no login. */
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
   * What the environment says under the names that MLflow's and Databricks' own clients use: {@code
   * MLFLOW_TRACKING_URI}, {@code MLFLOW_REGISTRY_URI}, {@code MLFLOW_EXPERIMENT_NAME} and {@code
   * _ID}, {@code MLFLOW_RUN_ID}, {@code MLFLOW_RUN_NAME}, {@code MLFLOW_TRACKING_USERNAME}, {@code
   * _PASSWORD} and {@code _TOKEN}, {@code DATABRICKS_*}, {@code AWS_REGION}.
   *
   * <p>Without an address it is {@code http://127.0.0.1:5000}, without an experiment MLflow's own
   * {@code Default}.
   *
   * @throws IllegalArgumentException with one line for each bad value
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
            given(environment, "MLFLOW_TRACKING_TOKEN", "")),
        HttpSettings.DEFAULT,
        new DatabricksSettings(
            given(environment, "DATABRICKS_HOST", ""),
            given(environment, "DATABRICKS_TOKEN", ""),
            given(environment, "DATABRICKS_CLIENT_ID", ""),
            given(environment, "DATABRICKS_CLIENT_SECRET", ""),
            given(environment, "DATABRICKS_CONFIG_PROFILE", ""),
            given(environment, "DATABRICKS_CONFIG_FILE", "")),
        given(environment, "AWS_REGION", ""));
  }

  private static String given(Map<String, String> environment, String name, String otherwise) {
    String value = environment.getOrDefault(name, "");
    return value.isBlank() ? otherwise : value;
  }

  /**
   * The same patience with another server, which is tracking server and registry both, and with
   * another login; runs are new ones in the experiment of the same name.
   *
   * @throws IllegalArgumentException if no server can be called by that address
   */
  public MlflowSettings at(String address, Login otherLogin) {
    return new MlflowSettings(
        address,
        "",
        new RunSettings(run.experimentName(), "", "", run.runName()),
        otherLogin,
        http,
        databricks,
        awsRegion);
  }

  /** The address of the registry: its own or the one that belongs to the tracking server. */
  MlflowAddress registryAddress() {
    return registryUri.isEmpty()
        ? trackingAddress().ownRegistry()
        : MlflowAddress.parse(registryUri);
  }

  /**
   * What is wrong with the name of a registered model in this registry, as the end of a sentence
   * that begins with the name.
   */
  public Optional<String> modelNameProblem(String name) {
    return registryAddress() instanceof MlflowAddress.UnityCatalog
        ? CatalogName.problem(name)
        : Optional.empty();
  }

  MlflowAddress trackingAddress() {
    return MlflowAddress.parse(trackingUri);
  }
}
