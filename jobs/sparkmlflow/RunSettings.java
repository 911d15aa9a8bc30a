package sparkmlflow;

import java.util.Optional;

/**
 * Where runs are created. Texts are stripped; a blank one means "not set".
 *
 * @param experimentName the experiment of new runs, created if missing; used when no id is set
 * @param experimentId takes precedence over the name
 * @param runId an existing run to adopt; blank: a new run is created
 * @param runName blank: the server chooses one, an adopted run keeps its own
 */
public record RunSettings(
    String experimentName, String experimentId, String runId, String runName) {

  /** Throws {@link IllegalArgumentException} if neither an experiment nor a run is named. */
  public RunSettings {
    experimentName = experimentName.strip();
    experimentId = experimentId.strip();
    runId = runId.strip();
    runName = runName.strip();
    if (experimentName.isEmpty() && experimentId.isEmpty() && runId.isEmpty()) {
      throw new IllegalArgumentException(
          "experimentName is not set; name the experiment, or set experimentId or runId");
    }
  }

  public static RunSettings inExperiment(String name) {
    return new RunSettings(name, "", "", "");
  }

  /** The run to adopt, if one is set. */
  public Optional<String> adoptedRunId() {
    return runId.isEmpty() ? Optional.empty() : Optional.of(runId);
  }

  /** What is wrong with the experiment's name in a workspace, where it must be a path. */
  Optional<String> workspaceProblem() {
    return experimentId.isEmpty() && runId.isEmpty() && !experimentName.startsWith("/")
        ? Optional.of(
            "experimentName is \"%s\"; in a Databricks workspace it must be a path, such as /Users/you@example.com/%s or /Shared/%s"
                .formatted(experimentName, experimentName, experimentName))
        : Optional.empty();
  }
}
