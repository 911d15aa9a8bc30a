package winequality;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the two libraries apart from each other and from the job, and each room to its purpose. */
class LayoutTest {

  private static final String MLFLOW = "sparkmlflow..";
  private static final String ELASTIC_NET = "elasticnet..";
  private static final String JOB = "winequality..";

  /** The job's packages: each may use those before it. */
  private static final List<String> JOB_ORDER =
      List.of("data", "metrics", "gate", "record", "report", "scoring", "config", "app");

  /** The largest package, without its package-info. */
  private static final int MOST_TYPES = 22;

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("sparkmlflow", "elasticnet", "winequality");

  @Test
  void theMlflowLibraryKnowsNeitherTheOtherNorTheJob() {
    noClasses()
        .that()
        .resideInAPackage(MLFLOW)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ELASTIC_NET, JOB)
        .because("whoever trains other models takes this library alone")
        .check(CODE);
  }

  @Test
  void theElasticNetLibraryKnowsNeitherTheOtherNorTheJob() {
    noClasses()
        .that()
        .resideInAPackage(ELASTIC_NET)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(MLFLOW, JOB)
        .because("whoever wants a fast exact path takes this library alone")
        .check(CODE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sparkmlflow", "elasticnet"})
  void aLibraryCompilesAlone(String library, @TempDir Path classes) throws Exception {
    String own = Path.of("target").toAbsolutePath().toString();
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).toAbsolutePath().toString().startsWith(own))
            .collect(Collectors.joining(File.pathSeparator));
    List<Path> sources;
    try (Stream<Path> files = Files.walk(Path.of("jobs", library))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    assertThat(sources).isNotEmpty();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assumeTrue(compiler != null, "this Java has no compiler");
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("-d", classes.toString(), "-cp", classPath, "-proc:none", "-nowarn"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sparkmlflow.wire..", "sparkmlflow.databricks.."})
  void theInnerRoomsOfTheMlflowLibraryAreClosed(String room) {
    classes()
        .that()
        .resideInAPackage(room)
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAPackage(MLFLOW)
        .because("how the server is reached may change without anybody noticing")
        .check(CODE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sparkmlflow", "elasticnet"})
  void roomsOfALibraryDoNotDependOnEachOtherInCircles(String library) {
    slices()
        .matching(library + ".(**)")
        .should()
        .beFreeOfCycles()
        .because("a room can be read without those that use it")
        .check(CODE);
  }

  @Test
  void roomsOfTheDataDoNotDependOnEachOtherInCircles() {
    slices()
        .matching("winequality.data.(*)..")
        .should()
        .beFreeOfCycles()
        .because("files, tables and profiles can be read one after the other")
        .check(CODE);
  }

  @TestFactory
  Stream<DynamicTest> aPackageOfTheJobUsesEarlierOnesOnly() {
    // the first may be used by all, the last by nobody; it has no later one to be kept from
    return JOB_ORDER.subList(0, JOB_ORDER.size() - 1).stream()
        .map(
            name -> {
              List<String> later = JOB_ORDER.subList(JOB_ORDER.indexOf(name) + 1, JOB_ORDER.size());
              return DynamicTest.dynamicTest(
                  name,
                  () ->
                      noClasses()
                          .that()
                          .resideInAPackage("winequality." + name + "..")
                          .should()
                          .dependOnClassesThat()
                          .resideInAnyPackage(
                              later.stream()
                                  .map(p -> "winequality." + p + "..")
                                  .toArray(String[]::new))
                          .because("the jobs in app pass what a package needs; nothing else does")
                          .check(CODE));
            });
  }

  @Test
  void everyPackageOfTheJobHasItsPlaceInTheOrder() throws Exception {
    try (Stream<Path> folders = Files.list(Path.of("jobs", "winequality"))) {
      assertThat(folders.filter(Files::isDirectory).map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(JOB_ORDER);
    }
  }

  @Test
  void noPackageIsTooLargeToSurvey() {
    CODE.stream()
        .filter(type -> !type.isNestedClass() && !type.getSimpleName().equals("package-info"))
        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()))
        .forEach(
            (name, types) ->
                assertThat(types).as("types in " + name).isLessThanOrEqualTo(MOST_TYPES));
  }

  @Test
  void typesafeConfigStaysWithConfig() {
    only("com.typesafe.config..", "winequality.config");
  }

  @Test
  void theWireStaysWithTheMlflowLibrary() {
    only("org.mlflow..", "sparkmlflow");
    only("java.net.http..", "sparkmlflow");
  }

  @Test
  void deltaStaysWithTheTables() {
    only("io.delta..", "winequality.data");
  }

  @Test
  void mllibStaysWithTheLibraries() {
    only("org.apache.spark.ml..", "elasticnet", "sparkmlflow.model");
  }

  @Test
  void distributionsStayWithWhatTestsAndMeasures() {
    only("org.apache.commons.math3..", "elasticnet", "winequality.metrics");
  }

  @Test
  void yamlAndOnnxStayWithTheModel() {
    only("org.yaml..", "sparkmlflow.model");
    only("ai.onnx..", "sparkmlflow.model");
  }

  @Test
  void plotsStayWithReport() {
    only("org.knowm..", "winequality.report");
    only("java.awt..", "winequality.report");
  }

  @Test
  void theCommandLineStaysWithApp() {
    only("picocli..", "winequality.app");
  }

  @Test
  void randomSplitIsUsedNowhere() {
    noClasses()
        .should()
        .callMethodWhere(
            JavaCall.Predicates.target(HasName.Predicates.nameStartingWith("randomSplit")))
        .because("it depends on partitions and row order, and puts equal wines on both sides")
        .check(CODE);
  }

  @Test
  void nobodyButTheRunnerEndsTheJvm() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("winequality.app.job.JobRunner")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .because("on Databricks the JVM belongs to the platform; JobRunner knows where it runs")
        .check(CODE);
  }

  @Test
  void nobodyButTheRunnerStopsTheSession() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("winequality.app.job.JobRunner")
        .should()
        .callMethod(SparkSession.class, "stop")
        .orShould()
        .callMethod(SparkSession.class, "close")
        .orShould()
        .callMethod(SparkContext.class, "stop")
        .because("on Databricks the session belongs to the platform")
        .check(CODE);
  }

  @Test
  void contextsAreTakenNotMade() {
    noClasses()
        .should()
        .callConstructor(SparkContext.class, SparkConf.class)
        .orShould()
        .callConstructor(SparkContext.class)
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.apache.spark.api.java.JavaSparkContext")
        .because("a JAR task must use the context that is there")
        .check(CODE);
  }

  @Test
  void sessionsAreOpenedInOnePlace() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("winequality.app.job.Sessions")
        .should()
        .callMethod(SparkSession.class, "builder")
        .orShould()
        .callMethod(SparkSession.class, "newSession")
        .orShould()
        .callMethod(SparkSession.class, "cloneSession")
        .because("a JAR task must take the session that is there, and everybody shares it")
        .check(CODE);
  }

  @Test
  void nobodyChangesTheSettingsOfTheSession() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("winequality.app.job.Sessions")
        .should()
        .accessTargetWhere(
            JavaAccess.Predicates.target(HasName.Predicates.nameMatching("set|unset"))
                .and(
                    JavaAccess.Predicates.target(
                        HasOwner.Predicates.With.owner(
                            JavaClass.Predicates.assignableTo(RuntimeConfig.class)
                                .or(JavaClass.Predicates.assignableTo(SparkConf.class))
                                .or(JavaClass.Predicates.assignableTo(Configuration.class))))))
        .orShould()
        .callMethod(SparkContext.class, "setLogLevel", String.class)
        .orShould()
        .callMethod(SparkContext.class, "setCheckpointDir", String.class)
        .because(
            "session, Hadoop configuration and logging belong to the cluster and outlive the job;"
                + " a job sets what it needs as an option of a read or write, or in a new session, which"
                + " Sessions makes")
        .check(CODE);
  }

  @Test
  void propertiesOfTheJvmAreLeftAlone() {
    noClasses()
        .should()
        .callMethod(System.class, "setProperty", String.class, String.class)
        .orShould()
        .callMethod(TimeZone.class, "setDefault", TimeZone.class)
        .because("on Databricks other jobs share the JVM")
        .check(CODE);
  }

  @Test
  void nobodyButTheRunnerSetsTheLocale() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("winequality.app.job.JobRunner")
        .should()
        .callMethod(Locale.class, "setDefault", Locale.class)
        .orShould()
        .callMethod(Locale.class, "setDefault", Locale.Category.class, Locale.class)
        .because("on Databricks other jobs share the JVM; JobRunner knows where it runs")
        .check(CODE);
  }

  @Test
  void eachFaultInTheDocumentationHasATestThatThereIs() throws IOException {
    List<String> faults =
        Files.readAllLines(Path.of("docs", "reliability.md")).stream()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| fault"))
            .toList();
    assertThat(faults).hasSizeGreaterThan(40);
    Pattern test = Pattern.compile("`(\\w+)\\.(\\w+)`");
    for (String fault : faults) {
      String last = fault.substring(fault.lastIndexOf('|', fault.length() - 2));
      List<MatchResult> named = test.matcher(last).results().toList();
      assertThat(named).as(fault).isNotEmpty();
      for (MatchResult one : named) {
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
          Path file =
              files.filter(path -> path.endsWith(one.group(1) + ".java")).findFirst().orElseThrow();
          assertThat(Files.readString(file)).as(fault).contains("void " + one.group(2) + "(");
        }
      }
    }
  }

  @Test
  void gettersAreNamedForWhatTheyReturn() {
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(MLFLOW, ELASTIC_NET, JOB)
        .and()
        // a bean, because Spark's encoder finds its fields by getters
        .areDeclaredInClassesThat()
        .doNotHaveSimpleName("CheckedRow")
        .should()
        .haveNameNotMatching("get(?!Version|HostCreds|AcceptedIssuers)[A-Z].*")
        .because("the field's name is the name; three names are those of foreign interfaces")
        .check(CODE);
  }

  @Test
  void mainClassesLieInAppAndAreCalledJobs() {
    methods()
        .that()
        .haveName("main")
        .and()
        .areStatic()
        .and()
        .haveRawParameterTypes(String[].class)
        .should()
        .beDeclaredInClassesThat()
        .resideInAPackage("winequality.app")
        .andShould()
        .beDeclaredInClassesThat()
        .haveSimpleNameEndingWith("Job")
        .check(CODE);
  }

  @Test
  void everyPackageSaysWhatComesInAndGoesOut() throws Exception {
    List<String> packages =
        CODE.stream().map(JavaClass::getPackageName).distinct().collect(Collectors.toList());
    for (String name : packages) {
      Path info = Path.of("jobs").resolve(name.replace('.', '/')).resolve("package-info.java");
      assertThat(Files.readString(info)).contains("@NullMarked", "In:", "Out:", "Proven:");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jobs", "src"})
  void noJavadocIsDirectlyFollowedByAnother(String folder) throws Exception {
    Pattern orphan = Pattern.compile("\\*/\\s*/\\*\\*");
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      assertThat(sources).isNotEmpty();
      for (Path source : sources) {
        // javac drops the first of the two, so neither doclint nor Error Prone sees it
        assertThat(orphan.matcher(Files.readString(source)).find()).as("%s", source).isFalse();
      }
    }
  }

  private static void only(String library, String... rooms) {
    String[] packages = Stream.of(rooms).map(room -> room + "..").toArray(String[]::new);
    for (String room : packages) {
      // a room that does not use the library is no room of it
      assertThat(CODE.stream())
          .anyMatch(
              type ->
                  resideInAPackage(room).test(type)
                      && type.getDirectDependenciesFromSelf().stream()
                          .anyMatch(used -> resideInAPackage(library).test(used.getTargetClass())));
    }
    noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .because("each foreign library has one room, so that replacing it touches one place")
        .check(CODE);
  }
}
