package winequality.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CallerSettingsTest {

  @Test
  void aJobRunOfAWorkspaceHasTheTagsThatItsPagesRead() {
    CallerSettings caller = new CallerSettings("https://w.example/", "678", "12", "345");
    assertThat(caller.tags())
        .isEqualTo(
            Map.of(
                "winequality.caller_job_id", "12",
                "winequality.caller_run_id", "345",
                "mlflow.databricks.jobID", "12",
                "mlflow.databricks.jobRunID", "345",
                "mlflow.databricks.webappURL", "https://w.example",
                "mlflow.databricks.workspaceURL", "https://w.example",
                "mlflow.databricks.workspaceID", "678"));
    assertThat(caller.sourceName("a.MainClass")).isEqualTo("jobs/12/run/345");
    assertThat(caller.url()).contains("https://w.example/jobs/12/runs/345?o=678");
  }

  @Test
  void theLinkOfAWorkspaceWithoutItsNumberIsWithoutIt() {
    CallerSettings caller = new CallerSettings("https://w.example", "", "12", "345");
    assertThat(caller.url()).contains("https://w.example/jobs/12/runs/345");
    assertThat(caller.tags()).doesNotContainKey("mlflow.databricks.workspaceID");
  }

  @Test
  void anotherSchedulerIsNamedWithoutALink() {
    CallerSettings caller = new CallerSettings("", "", "nightly", "2026-11-25T05:00");
    assertThat(caller.tags())
        .containsOnlyKeys("winequality.caller_job_id", "winequality.caller_run_id");
    assertThat(caller.sourceName("a.MainClass")).isEqualTo("a.MainClass");
    assertThat(caller.url()).isEmpty();
  }

  @Test
  void aJobThatNobodyScheduledSaysNothing() {
    CallerSettings caller = new CallerSettings("", "", "", "");
    assertThat(caller.tags()).isEmpty();
    assertThat(caller.sourceName("a.MainClass")).isEqualTo("a.MainClass");
  }

  @Test
  void halfAnIdentityIsRefused() {
    assertThatThrownBy(() -> new CallerSettings("", "", "12", ""))
        .hasMessageContaining("caller.job-id is \"12\" and caller.run-id \"\"; both must be set");
    assertThatThrownBy(() -> new CallerSettings("https://w.example", "", "", ""))
        .hasMessageContaining("caller.job-id is empty, but caller.workspace-url is set");
    assertThatThrownBy(() -> new CallerSettings("w.example", "", "1", "2"))
        .hasMessageContaining("caller.workspace-url is \"w.example\"");
    assertThatThrownBy(() -> new CallerSettings("", "", "{{job.id}}", "{{job.run_id}}"))
        .hasMessageContaining("did not replace the braces");
    assertThatThrownBy(() -> new CallerSettings("", "678", "1", "2"))
        .hasMessageContaining("caller.workspace-url is empty, but caller.workspace-id is set");
    assertThatThrownBy(() -> new CallerSettings("https://w.example", "{{workspace.id}}", "1", "2"))
        .hasMessageContaining("caller.workspace-id is \"{{workspace.id}}\"; it must be");
  }
}
