package winequality;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Opens the jar that goes to a cluster and looks. */
class ShadedJarIT {

  private static final Path JAR = Path.of(System.getProperty("winequality.jar"));

  private static List<String> entries = List.of();

  @BeforeAll
  static void open() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      entries = jar.stream().map(ZipEntry::getName).toList();
    }
  }

  @Test
  void itHoldsTheJobAndItsSettings() {
    assertThat(entries)
        .contains(
            "winequality/app/TrainingJob.class",
            "sparkmlflow/PipelineLog.class",
            "elasticnet/CrossValidationPath.class",
            "winequality/conf/reference.conf",
            "winequality/conf/environment.conf",
            "winequality/conf/dataset/wine.conf",
            "META-INF/LICENSE",
            "META-INF/NOTICE");
  }

  @Test
  void whatTheClusterBringsStaysOut() {
    assertThat(entries)
        .noneMatch(name -> name.startsWith("org/apache/spark/"))
        .noneMatch(name -> name.startsWith("org/apache/hadoop/"))
        .noneMatch(name -> name.startsWith("scala/"))
        .noneMatch(name -> name.startsWith("io/delta/"))
        .noneMatch(name -> name.startsWith("org/slf4j/"))
        .noneMatch(name -> name.startsWith("org/apache/logging/"))
        .noneMatch(name -> name.startsWith("com/fasterxml/jackson/"));
  }

  @Test
  void whatOnlyTheTestsNeedStaysOut() {
    assertThat(entries).noneMatch(name -> name.contains("onnxruntime"));
  }

  @Test
  void noSlf4jBindingIsOffered() {
    assertThat(entries)
        .noneMatch(name -> name.startsWith("META-INF/services/org.slf4j"))
        .noneMatch(name -> name.endsWith("StaticLoggerBinder.class"));
  }

  @Test
  void whatCouldClashIsRelocated() {
    assertThat(entries)
        .noneMatch(name -> name.startsWith("com/typesafe/"))
        .noneMatch(name -> name.startsWith("com/google/"))
        .noneMatch(name -> name.startsWith("google/"))
        .noneMatch(name -> name.startsWith("ai/onnx/"))
        .noneMatch(name -> name.startsWith("org/tribuo/"))
        .noneMatch(name -> name.startsWith("org/yaml/"))
        .noneMatch(name -> name.startsWith("picocli/"))
        .noneMatch(name -> name.startsWith("org/knowm/"))
        .noneMatch(name -> name.equals("reference.conf"))
        .anyMatch(name -> name.startsWith("winequality/shaded/config/"))
        .anyMatch(name -> name.startsWith("winequality/shaded/snakeyaml/"))
        .anyMatch(name -> name.startsWith("winequality/shaded/picocli/"))
        .anyMatch(name -> name.equals("winequality/shaded/onnx/proto/OnnxMl$ModelProto.class"))
        .anyMatch(name -> name.equals("winequality/shaded/protobuf/GeneratedMessageV3.class"))
        .anyMatch(name -> name.equals("winequality/shaded/mlflow/tracking/MlflowClient.class"))
        .anyMatch(name -> name.startsWith("winequality/shaded/mlflow_project/"));
  }

  /** The relocation of the library's classes must not rename ONNX's own set of operators. */
  @Test
  void operatorsKeepTheirNames() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      byte[] graph =
          jar.getInputStream(jar.getEntry("sparkmlflow/model/OnnxGraph.class")).readAllBytes();
      assertThat(new String(graph, StandardCharsets.ISO_8859_1))
          .contains("ai.onnx.ml")
          .doesNotContain("shaded.onnx.ml");
    }
  }

  @Test
  void everyClassIsOursOrRelocated() {
    assertThat(entries)
        .filteredOn(name -> name.endsWith(".class"))
        .isNotEmpty()
        .allMatch(name -> name.matches("(elasticnet|sparkmlflow|winequality)/.*"));
  }
}
