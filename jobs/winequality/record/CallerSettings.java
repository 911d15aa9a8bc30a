package winequality.record;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowTags;
import winequality.JobTags;

/**
 * The run of a scheduled job that started this one, if the scheduler passed it on.
 *
 * <p>If there is a workspace's address, it is a job run of Databricks, and the run in MLflow gets
 * the tags from which the workspace makes a link. The tags are those of MLflow's Python ({@code
 * databricks_job_context.py}); no workspace has shown the link yet.
 *
 * @param workspaceUrl address of a Databricks workspace, or empty
 * @param workspaceId number of the workspace, for a login to several; or empty
 * @param jobId the scheduler's id of the job, or empty
 * @param runId the scheduler's id of the job's run, or empty
 */
public record CallerSettings(String workspaceUrl, String workspaceId, String jobId, String runId) {

  public CallerSettings {
    if (!workspaceUrl.isEmpty() && !workspaceUrl.matches("https?://[^/\\s]+/?")) {
      throw new IllegalArgumentException(
          "caller.workspace-url is \"%s\"; it must be an address such as https://dbc-1234.cloud.databricks.com, without a path"
              .formatted(workspaceUrl));
    }
    // a scheduler leaves references in braces that it does not know
    if (jobId.contains("{{") || runId.contains("{{")) {
      throw new IllegalArgumentException(
          "caller.job-id is \"%s\" and caller.run-id \"%s\"; the scheduler did not replace the braces with its values"
              .formatted(jobId, runId));
    }
    if (jobId.isEmpty() != runId.isEmpty()) {
      throw new IllegalArgumentException(
          "caller.job-id is \"%s\" and caller.run-id \"%s\"; both must be set or neither"
              .formatted(jobId, runId));
    }
    if (!workspaceId.matches("[\\w.-]*")) {
      throw new IllegalArgumentException(
          "caller.workspace-id is \"%s\"; it must be the workspace's number, which Databricks substitutes for {{workspace.id}}"
              .formatted(workspaceId));
    }
    if (!workspaceId.isEmpty() && workspaceUrl.isEmpty()) {
      throw new IllegalArgumentException(
          "caller.workspace-url is empty, but caller.workspace-id is set; without the address there is no link to the workspace");
    }
    if (!workspaceUrl.isEmpty() && jobId.isEmpty()) {
      throw new IllegalArgumentException(
          "caller.job-id is empty, but caller.workspace-url is set; a job run of a workspace has a job id and a run id");
    }
    workspaceUrl = workspaceUrl.replaceFirst("/$", "");
  }

  /** The page of the job's run in its workspace. */
  public Optional<String> url() {
    String workspace = workspaceId.isEmpty() ? "" : "?o=" + workspaceId;
    return Optional.of("%s/jobs/%s/runs/%s%s".formatted(workspaceUrl, jobId, runId, workspace))
        .filter(url -> !workspaceUrl.isEmpty());
  }

  /** The tags of the MLflow run; empty without a caller. */
  public Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    if (!jobId.isEmpty()) {
      tags.put(JobTags.CALLER_JOB, jobId);
      tags.put(JobTags.CALLER_RUN, runId);
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

  /** The source of the MLflow run: Databricks' name for the job's run, or else the main class. */
  public String sourceName(String mainClass) {
    return workspaceUrl.isEmpty() ? mainClass : "jobs/" + jobId + "/run/" + runId;
  }
}
