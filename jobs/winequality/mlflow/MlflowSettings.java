package winequality.mlflow;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where MLflow is, as whom the job calls it and how patient the job is.
 *
 * <p>Texts are stripped; a blank one means "not set". Credentials: user name and password go before
 * a token when both are there, as in MLflow's Python client. The password and the token appear in
 * no text this record makes.
 *
 * @param trackingUri http or https address of the server, with its path prefix if it has one; or
 *     {@code databricks}, {@code databricks://profile}
 * @param registryUri address of the registry's server, or {@code databricks}, {@code
 *     databricks-uc}, each perhaps with a profile; blank: the tracking server's own, which is Unity
 *     Catalog for a workspace
 * @param experimentName used when no experiment id is set
 * @param experimentId goes before the name
 * @param runId a run that somebody else created and that the job fills; blank: the job creates one
 * @param runName blank: the server makes one up, an adopted run keeps its own
 * @param username for HTTP basic authentication, together with the password
 * @param password for HTTP basic authentication, together with the user name
 * @param token for HTTP bearer authentication
 * @param connectTimeout for opening a connection
 * @param requestTimeout for one call from sending to the last byte of the answer
 * @param uploadTimeout for one file
 * @param maxAttempts how often one call is sent at most, at least 1
 * @param backoff the pause before the second attempt; it doubles with each further one
 * @param uploadThreads how many files travel at once
 * @param databricks as whom a workspace is called
 * @param awsRegion whose S3 is asked where a bucket is; blank: that of all regions
 */
public record MlflowSettings(
    String trackingUri,
    String registryUri,
    String experimentName,
    String experimentId,
    String runId,
    String runName,
    String username,
    String password,
    String token,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration uploadTimeout,
    int maxAttempts,
    Duration backoff,
    int uploadThreads,
    DatabricksSettings databricks,
    String awsRegion) {

  private static final Duration LONGEST = Duration.ofHours(1);

  /**
   * Checks all values together.
   *
   * @throws IllegalArgumentException with one line for each bad value, each starting with its key
   */
  public MlflowSettings {
    trackingUri = trackingUri.strip();
    registryUri = registryUri.strip();
    experimentName = experimentName.strip();
    experimentId = experimentId.strip();
    runId = runId.strip();
    runName = runName.strip();
    username = username.strip();
    password = password.strip();
    token = token.strip();
    awsRegion = awsRegion.strip();

    List<String> problems = new ArrayList<>();
    if (trackingUri.isEmpty()) {
      problems.add(
          "mlflow.tracking-uri is not set; it must be the http or https address of an MLflow"
              + " server (environment: MLFLOW_TRACKING_URI)");
    } else {
      MlflowAddress.trackingProblem("mlflow.tracking-uri", trackingUri).ifPresent(problems::add);
    }
    if (!registryUri.isEmpty()) {
      MlflowAddress.registryProblem("mlflow.registry-uri", registryUri).ifPresent(problems::add);
    }
    if (experimentName.isEmpty() && experimentId.isEmpty() && runId.isEmpty()) {
      problems.add(
          "mlflow.experiment-name is not set; it must name the experiment, unless"
              + " mlflow.experiment-id or mlflow.run-id is set");
    }
    if (trackingUri.startsWith(MlflowAddress.WORKSPACE)
        && experimentId.isEmpty()
        && runId.isEmpty()
        && !experimentName.startsWith("/")) {
      problems.add(
          "mlflow.experiment-name is \"%s\"; in a Databricks workspace it must be a path, such as /Users/you@example.com/%s or /Shared/%s"
              .formatted(experimentName, experimentName, experimentName));
    }
    if (username.isEmpty() != password.isEmpty()) {
      problems.add(
          username.isEmpty()
              ? "mlflow.username is not set but mlflow.password is; it must be set with it"
              : "mlflow.password is not set but mlflow.username is; it must be set with it");
    }
    if (username.contains(":")) {
      problems.add("mlflow.username contains a colon; it must not (RFC 7617)");
    }
    refuseUnsendable("mlflow.password", password, problems);
    refuseUnsendable("mlflow.token", token, problems);
    if (!awsRegion.matches("[a-z0-9-]*")) {
      problems.add(
          "mlflow.aws-region is \"%s\"; it must be a region such as eu-central-1"
              .formatted(awsRegion));
    }
    requirePositive("mlflow.connect-timeout", connectTimeout, problems);
    requirePositive("mlflow.request-timeout", requestTimeout, problems);
    requirePositive("mlflow.upload-timeout", uploadTimeout, problems);
    requirePositive("mlflow.backoff", backoff, problems);
    requireBetween("mlflow.max-attempts", maxAttempts, 1, 20, problems);
    requireBetween("mlflow.upload-threads", uploadThreads, 1, 64, problems);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  /**
   * The same patience with another server, which is tracking server and registry both, and with
   * another login; runs are new ones in the experiment of the same name.
   *
   * @throws IllegalArgumentException if no server can be called by that address
   */
  public MlflowSettings at(String address, TargetLogin login) {
    return new MlflowSettings(
        address,
        "",
        experimentName,
        "",
        "",
        runName,
        login.username(),
        login.password(),
        login.token(),
        connectTimeout,
        requestTimeout,
        uploadTimeout,
        maxAttempts,
        backoff,
        uploadThreads,
        databricks,
        awsRegion);
  }

  /** The run to adopt, when one is set. */
  public Optional<String> adoptedRunId() {
    return runId.isEmpty() ? Optional.empty() : Optional.of(runId);
  }

  /** The address of the registry: its own or the one that belongs to the tracking server. */
  MlflowAddress registryAddress() {
    return registryUri.isEmpty()
        ? trackingAddress().ownRegistry()
        : MlflowAddress.parse(registryUri);
  }

  /**
   * What is wrong with the name of a registered model in this registry, as a sentence that starts
   * with the key.
   */
  public Optional<String> modelNameProblem(String key, String name) {
    return registryAddress() instanceof MlflowAddress.UnityCatalog
        ? CatalogName.problem(name).map(problem -> key + " is \"" + name + "\"; " + problem)
        : Optional.empty();
  }

  MlflowAddress trackingAddress() {
    return MlflowAddress.parse(trackingUri);
  }

  Credentials credentials() {
    if (!username.isEmpty()) {
      return new Credentials.Basic(username, password);
    }
    return token.isEmpty() ? new Credentials.Anonymous() : new Credentials.Bearer(token);
  }

  @Override
  public String toString() {
    return "MlflowSettings[trackingUri=%s, registryUri=%s, experimentName=%s, experimentId=%s, runId=%s, runName=%s, username=%s, password=%s, token=%s, connectTimeout=%s, requestTimeout=%s, uploadTimeout=%s, maxAttempts=%d, backoff=%s, uploadThreads=%d, databricks=%s, awsRegion=%s]"
        .formatted(
            trackingUri,
            registryUri,
            experimentName,
            experimentId,
            runId,
            runName,
            username,
            password.isEmpty() ? "" : Secrets.MASK,
            token.isEmpty() ? "" : Secrets.MASK,
            connectTimeout,
            requestTimeout,
            uploadTimeout,
            maxAttempts,
            backoff,
            uploadThreads,
            databricks,
            awsRegion);
  }

  // A line break inside a header value would make the HTTP library quote the value in its error.
  private static void refuseUnsendable(String key, String value, List<String> problems) {
    if (value.chars().anyMatch(Character::isISOControl)) {
      problems.add(key + " is " + Secrets.MASK + " with a control character or line break inside");
    }
  }

  private static void requirePositive(String key, Duration value, List<String> problems) {
    if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
      problems.add(key + " is " + value + "; it must be more than 0 and at most 1 hour");
    }
  }

  private static void requireBetween(
      String key, int value, int least, int most, List<String> problems) {
    if (value < least || value > most) {
      problems.add(key + " is " + value + "; it must lie between " + least + " and " + most);
    }
  }
}
