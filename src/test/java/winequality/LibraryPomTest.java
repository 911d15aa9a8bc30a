package winequality;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The POM that a library is installed with names what its classes use: no less and no more. */
class LibraryPomTest {

  /** What spark-mllib brings; a library names nothing but spark-mllib for it. */
  private static final Pattern OF_SPARK =
      Pattern.compile("(spark|hadoop|jackson|log4j|slf4j|scala)-.*");

  /** A class's place in the local Maven repository: .../artifactId/version/file.jar!/... */
  private static final Pattern JAR = Pattern.compile("/([^/]+)/[^/]+/[^/]+\\.jar!");

  @ParameterizedTest
  @ValueSource(strings = {"sparkmlflow", "elasticnet"})
  void itsDependenciesAreThoseThatItsClassesUse(String library) throws Exception {
    Set<String> used =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(library)
                .stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(Dependency::getTargetClass)
                .flatMap(type -> type.getBaseComponentType().getSource().stream())
                .map(source -> JAR.matcher(source.getUri().toString()))
                .filter(Matcher::find)
                .map(jar -> jar.group(1))
                .map(artifact -> OF_SPARK.matcher(artifact).matches() ? "spark-mllib" : artifact)
                .collect(Collectors.toCollection(TreeSet::new));

    assertThat(declared(library))
        .as("the dependencies in the POM of %s", library)
        .contains("spark-mllib", "jspecify")
        .isEqualTo(used);
  }

  private static Set<String> declared(String library) throws Exception {
    NodeList dependencies =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("jobs", library, "pom.xml").toFile())
            .getElementsByTagName("dependency");
    Set<String> artifacts = new TreeSet<>();
    for (int i = 0; i < dependencies.getLength(); i++) {
      Element dependency = (Element) dependencies.item(i);
      String artifact = dependency.getElementsByTagName("artifactId").item(0).getTextContent();
      artifacts.add(artifact.replaceAll("_\\$\\{scala\\.binary\\.version}$", ""));
    }
    return artifacts;
  }
}
