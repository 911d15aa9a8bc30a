package winequality;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

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
  void whatMlflowsClientBringsForItsOwnCallsStaysOut() {
    assertThat(entries)
        .noneMatch(name -> name.contains("/apachehttp/"))
        .noneMatch(name -> name.contains("/apachecommons/"))
        .noneMatch(name -> name.contains("/ini4j/"))
        .noneMatch(name -> name.contains("/common/io/File"));
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

  /** {@code ./mvnw cyclonedx:makeBom} writes {@code deploy/bom.json} for what is shipped now. */
  @Test
  void theBillOfMaterialsListsTheLibrariesWhoseClassesAreInside() throws Exception {
    Map<String, String> relocations = relocations();
    Map<String, Path> inside = new TreeMap<>();
    for (String entry : entries) {
      for (Map.Entry<String, String> relocation : relocations.entrySet()) {
        if (entry.endsWith(".class") && entry.startsWith(relocation.getKey())) {
          String original = relocation.getValue() + entry.substring(relocation.getKey().length());
          URL found = getClass().getClassLoader().getResource(original);
          assertThat(found).as(original).isNotNull();
          Path library =
              Path.of(((JarURLConnection) found.openConnection()).getJarFileURL().toURI());
          inside.put(library.getFileName().toString().replaceFirst("\\.jar$", ""), library);
        }
      }
    }

    Map<String, String> listed = new TreeMap<>();
    for (JsonNode component : billOfMaterials().get("components")) {
      listed.put(
          component.get("name").asText() + "-" + component.get("version").asText(),
          sha256(component));
    }
    assertThat(listed.keySet()).containsExactlyElementsOf(inside.keySet());
    for (Map.Entry<String, Path> library : inside.entrySet()) {
      assertThat(listed.get(library.getKey()))
          .as(library.getKey())
          .isEqualTo(
              HexFormat.of()
                  .formatHex(
                      MessageDigest.getInstance("SHA-256")
                          .digest(Files.readAllBytes(library.getValue()))));
    }
  }

  @Test
  void everyLicenceMayBeShipped() throws IOException {
    for (JsonNode component : billOfMaterials().get("components")) {
      assertThat(component.findValuesAsText("id"))
          .as("the licences of " + component.get("name"))
          .isNotEmpty()
          .isSubsetOf("Apache-2.0", "BSD-3-Clause");
    }
  }

  private static JsonNode billOfMaterials() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      return new ObjectMapper()
          .readTree(jar.getInputStream(jar.getEntry("META-INF/sbom/bom.json")));
    }
  }

  private static String sha256(JsonNode component) {
    for (JsonNode hash : component.get("hashes")) {
      if (hash.get("alg").asText().equals("SHA-256")) {
        return hash.get("content").asText();
      }
    }
    return "";
  }

  /** Folders in the jar, and where their classes come from. */
  private static Map<String, String> relocations() throws Exception {
    NodeList relocations =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("pom.xml").toFile())
            .getElementsByTagName("relocation");
    Map<String, String> folders = new TreeMap<>();
    for (int i = 0; i < relocations.getLength(); i++) {
      Element relocation = (Element) relocations.item(i);
      folders.put(folder(relocation, "shadedPattern"), folder(relocation, "pattern"));
    }
    return folders;
  }

  private static String folder(Element relocation, String name) {
    return relocation.getElementsByTagName(name).item(0).getTextContent().replace('.', '/') + "/";
  }
}
