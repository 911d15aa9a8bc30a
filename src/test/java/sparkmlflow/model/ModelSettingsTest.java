package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSettingsTest {

  @Test
  void aStagingFolderIsAllThatStagedInChanges() {
    ModelSettings staged = ModelSettings.DEFAULT.stagedIn(" hdfs:///tmp ");
    assertThat(staged.stagingDir()).isEqualTo("hdfs:///tmp");
    assertThat(staged.stagedIn("")).isEqualTo(ModelSettings.DEFAULT);
  }

  @Test
  void everyValueArrivesAndTheStagingFolderIsStripped() {
    ModelSettings settings =
        new ModelSettings(
            "a/best model",
            PythonFunction.SPARK,
            "3.11",
            "3.17.2",
            "1.20.1",
            "1.23.2",
            List.of("numpy==2.4.6"),
            " /tmp ");

    assertThat(settings.artifactPath()).isEqualTo("a/best model");
    assertThat(settings.pythonFunction()).isEqualTo(PythonFunction.SPARK);
    assertThat(settings.pythonVersion()).isEqualTo("3.11");
    assertThat(settings.mlflowVersion()).isEqualTo("3.17.2");
    assertThat(settings.onnxVersion()).isEqualTo("1.20.1");
    assertThat(settings.onnxruntimeVersion()).isEqualTo("1.23.2");
    assertThat(settings.requirements()).containsExactly("numpy==2.4.6");
    assertThat(settings.stagingDir()).isEqualTo("/tmp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "/model", "model/", "a//b", "../model", "a/..", "a#b", "a\\b"})
  void aPathThatTheServerRefusesIsRejected(String path) {
    assertThatThrownBy(() -> settings(path, "3.12.3", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("artifactPath is \"" + path + "\"; it must be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "2.7", "python3", "3.12.3.1"})
  void aPythonThatIsNoneIsRejected(String version) {
    assertThatThrownBy(() -> settings("model", version, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("pythonVersion is \"" + version + "\"; it must be");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "latest", ">=3.17"})
  void aPackageVersionThatIsNoneIsRejected(String version) {
    for (String name : List.of("mlflow", "onnx", "onnxruntime")) {
      assertThatThrownBy(
              () ->
                  new ModelSettings(
                      "model",
                      PythonFunction.ONNX,
                      "3.12.3",
                      name.equals("mlflow") ? version : "3.17.2",
                      name.equals("onnx") ? version : "1.23.2",
                      name.equals("onnxruntime") ? version : "1.32.0",
                      List.of(),
                      ""))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "%sVersion is \"%s\"; it must be a version of the Python package %s"
                  .formatted(name, version, name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"numpy", "numpy>=2", "numpy==2.*", "numpy==2.4.6 # why", "==2", ""})
  void aRequirementWithoutPinIsRejected(String requirement) {
    assertThatThrownBy(() -> settings("model", "3.12.3", List.of(requirement)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("requirements holds \"" + requirement + "\"; each must be");
  }

  @Test
  void aPackageThatIsPinnedTwiceIsRejectedHoweverItIsSpelt() {
    List<String> twice = List.of("typing_extensions==4.1", "Typing-Extensions==4.2");
    assertThatThrownBy(() -> settings("model", "3.12.3", twice))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("requirements names Typing-Extensions a second time");
    for (String own : List.of("pyspark==4.0.0", "mlflow==3.1.0", "onnx==1.0", "ONNXRuntime==1.0")) {
      assertThatThrownBy(() -> settings("model", "3.12.3", List.of(own)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("pyspark is that of the running Spark");
    }
  }

  private static ModelSettings settings(
      String path, String pythonVersion, List<String> requirements) {
    return new ModelSettings(
        path, PythonFunction.ONNX, pythonVersion, "3.17.2", "1.23.2", "1.32.0", requirements, "");
  }
}
