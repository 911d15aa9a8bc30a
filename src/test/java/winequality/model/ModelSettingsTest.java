package winequality.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSettingsTest {

  @Test
  void everyValueArrivesAndTheStagingFolderIsStripped() {
    ModelSettings settings =
        new ModelSettings("a/best model", "3.11", "3.17.2", List.of("numpy==2.4.6"), " /tmp ");

    assertThat(settings)
        .isEqualTo(
            new ModelSettings("a/best model", "3.11", "3.17.2", List.of("numpy==2.4.6"), "/tmp"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "/model", "model/", "a//b", "../model", "a/..", "a#b", "a\\b"})
  void aPathThatTheServerRefusesIsRejected(String path) {
    assertThatThrownBy(() -> new ModelSettings(path, "3.12.3", "3.17.2", List.of(), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model.artifact-path is \"" + path + "\"; it must be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "2.7", "python3", "3.12.3.1"})
  void aPythonThatIsNoneIsRejected(String version) {
    assertThatThrownBy(() -> new ModelSettings("model", version, "3.17.2", List.of(), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model.python-version is \"" + version + "\"; it must be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "latest", ">=3.17"})
  void anMlflowVersionThatIsNoneIsRejected(String version) {
    assertThatThrownBy(() -> new ModelSettings("model", "3.12.3", version, List.of(), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model.mlflow-version is \"" + version + "\"; it must be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"numpy", "numpy>=2", "numpy==2.*", "numpy==2.4.6 # why", "==2", ""})
  void aRequirementWithoutPinIsRejected(String requirement) {
    List<String> requirements = List.of(requirement);
    assertThatThrownBy(() -> new ModelSettings("model", "3.12.3", "3.17.2", requirements, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model.requirements holds \"" + requirement + "\"; each must be");
  }

  @Test
  void aPackageThatIsPinnedTwiceIsRejectedHoweverItIsSpelt() {
    List<String> twice = List.of("typing_extensions==4.1", "Typing-Extensions==4.2");
    assertThatThrownBy(() -> new ModelSettings("model", "3.12.3", "3.17.2", twice, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model.requirements names Typing-Extensions a second time");
    List<String> spark = List.of("pyspark==4.0.0");
    assertThatThrownBy(() -> new ModelSettings("model", "3.12.3", "3.17.2", spark, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pyspark from the running Spark");
  }
}
