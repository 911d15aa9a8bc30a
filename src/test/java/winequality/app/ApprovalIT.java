package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.MlflowConnection;
import sparkmlflow.TestSettings;
import sparkmlflow.databricks.StandInWorkspace;
import sparkmlflow.databricks.StandInWorkspace.Feature;
import testing.SparkTest;
import winequality.ExitCode;

/**
 * A version that waits for approval is promoted by the bundle's job approve, as a workspace's
 * deployment job would: the page Approve sets a tag on the version and repairs the run. The
 * workspace is a stand-in; it has no such page, so the test sets the tag.
 */
class ApprovalIT extends SparkTest {

  private static final String MODEL = "main.ml.wine";
  private static final String TAG = "approval_wine_quality";

  @TempDir Path folder;

  private final StandInWorkspace workspace =
      new StandInWorkspace("GCP_SIGNED_URL", Feature.FILES_API, Feature.MODELS_IN_FILES_API);

  private final MlflowConnection connection =
      MlflowConnection.open(
          TestSettings.workspace("databricks", "databricks-uc", workspace.login()));

  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs =
        new JobRuns(
                spark(),
                folder,
                "mlflow.tracking-uri=databricks",
                "mlflow.registry-uri=databricks-uc",
                "mlflow.experiment-name=/Shared/wine",
                "registry.model-name=" + MODEL,
                "registry.gate.mode=approval",
                "data.table=" + folder.resolve("tables/wine"),
                "data.quarantine-table=" + folder.resolve("tables/quarantine"),
                "metrics.bootstrap.replicates=500")
            .in(
                Map.of(
                    "DATABRICKS_HOST",
                    workspace.uri().toString(),
                    "DATABRICKS_TOKEN",
                    TestSettings.TOKEN));
  }

  @AfterEach
  void close() {
    connection.close();
    workspace.close();
  }

  private void tag(String key, String value) {
    connection.registry().setTags(MODEL, "1", Map.of(key, value));
  }

  private JobRuns.Outcome approve() {
    return jobs.promotion("--version", "1", "--approval-tag", TAG);
  }

  @Test
  void aVersionIsPromotedOnceItsApprovalTagSaysApprovedAndOnlyOnce() {
    JsonNode waiting = jobs.run(new TrainingJob());
    assertThat(waiting.at("/gate/decision").asText()).isEqualTo("awaiting-approval");

    // the first run of a deployment job always fails
    JobRuns.Outcome first = approve();
    assertThat(first.code()).isEqualTo(ExitCode.USAGE);
    assertThat(first.error())
        .isEqualTo(
            "Version 1 of main.ml.wine is not approved: it has no tag approval_wine_quality."
                + " Approve it on its page, or set the tag to Approved, and repair this run");
    tag(TAG, "Rejected");
    assertThat(approve().error())
        .contains("is not approved: its tag approval_wine_quality is \"Rejected\"");
    tag("approval_legal", "Approved");
    assertThat(approve().code()).isEqualTo(ExitCode.USAGE);
    assertThat(workspace.role(MODEL, true)).isEmpty();

    tag(TAG, "Approved");
    tag("gate", "rejected");
    assertThat(approve().error())
        .contains("The gate rejected version 1 of main.ml.wine: ")
        .contains("`promote --version 1 --reason \"...\"`");
    tag("gate", "");
    assertThat(approve().error()).contains("The gate has not judged version 1");
    tag("gate", "awaiting-approval");
    tag("gate_champion", "7");
    assertThat(approve().error())
        .contains("compared version 1 of main.ml.wine with champion 7, but the champion is (none)");
    tag("gate_champion", "");
    JobRuns.Outcome repaired = approve();
    assertThat(repaired.code()).isEqualTo(ExitCode.DONE);
    assertThat(repaired.result().at("/status").asText()).isEqualTo("promoted");
    assertThat(workspace.role(MODEL, true)).isEqualTo("1");
    assertThat(connection.registry().version(MODEL, "1").tags())
        .containsEntry("gate", "promoted")
        .containsEntry("promoted_by", "ada@example.com")
        .containsEntry("promotion_reason", "its tag approval_wine_quality is Approved");

    // the tag stays; it must not undo a rollback
    connection.registry().deleteAlias(MODEL, "champion");
    tag("gate", "rolled-back");
    JobRuns.Outcome again = approve();
    assertThat(again.code()).isEqualTo(ExitCode.USAGE);
    assertThat(again.error())
        .contains(
            "The approval of version 1 of main.ml.wine was used before (tag gate=rolled-back)")
        .contains("`promote --version 1 --reason \"...\"`");
    assertThat(workspace.role(MODEL, true)).isEmpty();
    assertThat(jobs.promotion("--version", "1", "--reason", "looked again").code())
        .isEqualTo(ExitCode.DONE);
  }
}
