package winequality.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sparkmlflow.registry.MemoryRegistry;
import sparkmlflow.registry.ModelVersion;
import winequality.JobTags;

class RolledBackDuplicatesTest {

  private static final Map<String, String> TAGS =
      Map.of(
          "table", "/tables/wine",
          "table_version", "3",
          "split_fingerprint", "ab",
          "alpha", "0.5",
          "lambda", "0.010000000000000002",
          "rmse", "0.6684190000000001");

  @ParameterizedTest
  @CsvSource({
    // the last digit is another one on another processor
    "rmse, 0.668419, true",
    "lambda, 0.01, true",
    "rmse, 0.66841901, false",
    "rmse, mended by hand, false",
    "lambda, 0.0100001, false",
    "alpha, 0.50, false",
    "table_version, 4, false",
    "gate, rejected, false",
  })
  void aRolledBackVersionOfTheSameTrainingIsFound(String tag, String value, boolean found) {
    Map<String, String> rolledBack = new HashMap<>(TAGS);
    rolledBack.put(JobTags.GATE, JobTags.ROLLED_BACK);
    rolledBack.put(tag, value);
    MemoryRegistry registry =
        new MemoryRegistry()
            .with("1", ModelVersion.Status.READY, rolledBack)
            .with("2", ModelVersion.Status.READY, TAGS);

    assertThat(RolledBackDuplicates.of(registry, "wine", "2").equals(java.util.List.of("1")))
        .isEqualTo(found);
  }
}
