package sparkmlflow;

import java.util.Optional;

/**
 * Where runs are made. Texts are stripped; a blank one means "not set".
 *
 * @param experimentName the experiment of new runs, made if it is missing; used when no id is set
 * @param experimentId takes precedence over the name
 * @param runId a run that somebody else created and that is filled; blank: a new run is made
 * @param runName blank: the server makes one up, an adopted run keeps its own
 */
public record RunSettings(
    String experimentName, String experimentId, String runId, String runName) {

  /**
   * Checks and strips.
   *
   * @throws IllegalArgumentException if nothing says where a run belongs
   */
  public RunSettings {
    experimentName = experimentName.strip();
    experimentId = experimentId.strip();
    runId = runId.strip();
    runName = runName.strip();
    if (experimentName.isEmpty() && experimentId.isEmpty() && runId.isEmpty()) {
      throw new IllegalArgumentException(
          "experimentName is not set; it must name the experiment, unless experimentId or runId is"
              + " set");
    }
  }

  /** New runs in the experiment of that name. */
  public static RunSettings inExperiment(String name) {
    return new RunSettings(name, "", "", "");
  }

  /** The run to adopt, when one is set. */
  public Optional<String> adoptedRunId() {
    return runId.isEmpty() ? Optional.empty() : Optional.of(runId);
  }

  /** What is wrong with the name in a workspace, where it must be a path. */
  Optional<String> workspaceProblem() {
    return experimentId.isEmpty() && runId.isEmpty() && !experimentName.startsWith("/")
        ? Optional.of(
            "experimentName is \"%s\"; in a Databricks workspace it must be a path, such as /Users/you@example.com/%s or /Shared/%s"
                .formatted(experimentName, experimentName, experimentName))
        : Optional.empty();
  }
}
