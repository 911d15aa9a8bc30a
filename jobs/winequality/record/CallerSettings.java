package winequality.record;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowTags;

/**
 * Which run of which scheduled job started this one, as far as the scheduler passed it on.
 *
 * <p>With a workspace's address it is a job run of Databricks, and the run in MLflow carries the
 * tags from which the workspace makes a link to it. Which tags these are is read from MLflow's
 * Python ({@code databricks_job_context.py}); no workspace has shown the link yet.
 *
 * @param workspaceUrl address of a Databricks workspace, or empty
 * @param workspaceId that workspace's number, for a login that knows several; or empty
 * @param jobId the scheduler's id of the job, or empty
 * @param runId its id of the job's run, or empty
 */
public record CallerSettings(String workspaceUrl, String workspaceId, String jobId, String runId) {

  public CallerSettings {
    if (!workspaceUrl.isEmpty() && !workspaceUrl.matches("https?://[^/\\s]+/?")) {
      throw new IllegalArgumentException(
          "caller.workspace-url is \"%s\"; it must be an address such as https://dbc-1234.cloud.databricks.com, without a path"
              .formatted(workspaceUrl));
    }
    // what is left in braces was meant for the scheduler, which did not know it
    if (jobId.contains("{{") || runId.contains("{{")) {
      throw new IllegalArgumentException(
          "caller.job-id is \"%s\" and caller.run-id \"%s\"; the scheduler has not put its values in place of the braces"
              .formatted(jobId, runId));
    }
    if (jobId.isEmpty() != runId.isEmpty()) {
      throw new IllegalArgumentException(
          "caller.job-id is \"%s\" and caller.run-id \"%s\"; both must be set or neither"
              .formatted(jobId, runId));
    }
    if (!workspaceId.matches("[\\w.-]*")) {
      throw new IllegalArgumentException(
          "caller.workspace-id is \"%s\"; it must be the workspace's number, which Databricks puts in place of {{workspace.id}}"
              .formatted(workspaceId));
    }
    if (!workspaceId.isEmpty() && workspaceUrl.isEmpty()) {
      throw new IllegalArgumentException(
          "caller.workspace-url is empty, but caller.workspace-id is set; without the address there is no link to the workspace");
    }
    if (!workspaceUrl.isEmpty() && jobId.isEmpty()) {
      throw new IllegalArgumentException(
          "caller.job-id is empty, but caller.workspace-url is set; a job run of a workspace has job and run id");
    }
    workspaceUrl = workspaceUrl.replaceFirst("/$", "");
  }

  /** The page of the job's run, if a workspace has one. */
  public Optional<String> url() {
    return workspaceUrl.isEmpty()
        ? Optional.empty()
        : Optional.of(
            workspaceUrl
                + "/jobs/"
                + jobId
                + "/runs/"
                + runId
                + (workspaceId.isEmpty() ? "" : "?o=" + workspaceId));
  }

  /** What a run of MLflow says of its caller; empty if there is none. */
  public Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    if (!jobId.isEmpty()) {
      tags.put(MlflowTags.CALLER_JOB, jobId);
      tags.put(MlflowTags.CALLER_RUN, runId);
    }
    if (!workspaceUrl.isEmpty()) {
      tags.put(MlflowTags.DATABRICKS_JOB, jobId);
      tags.put(MlflowTags.DATABRICKS_JOB_RUN, runId);
      tags.put(MlflowTags.DATABRICKS_APP, workspaceUrl);
      tags.put(MlflowTags.DATABRICKS_WORKSPACE, workspaceUrl);
      if (!workspaceId.isEmpty()) {
        tags.put(MlflowTags.DATABRICKS_WORKSPACE_ID, workspaceId);
      }
    }
    return tags;
  }

  /** What started the run: the job's run in the words of Databricks, else the main class. */
  public String sourceName(String mainClass) {
    return workspaceUrl.isEmpty() ? mainClass : "jobs/" + jobId + "/run/" + runId;
  }
}
