package winequality;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the code to the order in which the data travels and to one room for each library. */
class LayoutTest {

  /** In the order of their names, which is the order in which the data travels. */
  private static final List<String> STAGES =
      List.of(
          "data",
          "holdout",
          "learning",
          "metrics",
          "mlflow",
          "model",
          "registry",
          "report",
          "scoring",
          "tracking");

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("winequality");

  @Test
  void everyPackageIsAStageOrAtTheHead() throws Exception {
    try (Stream<Path> folders = Files.list(Path.of("jobs", "winequality"))) {
      List<String> found =
          folders.filter(Files::isDirectory).map(f -> f.getFileName().toString()).toList();
      List<String> known = new ArrayList<>(STAGES);
      known.addAll(List.of("app", "config"));
      assertThat(known).containsAll(found);
    }
  }

  @TestFactory
  Stream<DynamicTest> aStageUsesEarlierStagesOnly() {
    return STAGES.stream()
        .map(
            stage -> {
              List<String> barred =
                  new ArrayList<>(STAGES.subList(STAGES.indexOf(stage) + 1, STAGES.size()));
              barred.add("app");
              barred.add("config");
              return DynamicTest.dynamicTest(
                  stage,
                  () ->
                      noClasses()
                          .that()
                          .resideInAPackage("winequality." + stage)
                          .should()
                          .dependOnClassesThat()
                          .resideInAnyPackage(
                              barred.stream().map(p -> "winequality." + p).toArray(String[]::new))
                          .because(
                              "data travels from data to tracking; what a later stage needs is"
                                  + " passed in by app")
                          .allowEmptyShould(true)
                          .check(CODE));
            });
  }

  @Test
  void configKnowsNoJob() {
    noClasses()
        .that()
        .resideInAPackage("winequality.config")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("winequality.app")
        .because("config makes the stages' records and knows no job")
        .check(CODE);
  }

  @Test
  void typesafeConfigStaysWithConfig() {
    only("com.typesafe.config..", "config", "app");
  }

  @Test
  void theWireStaysWithMlflow() {
    only("org.mlflow..", "mlflow");
    only("java.net.http..", "mlflow");
  }

  @Test
  void deltaStaysWithDataAndScoring() {
    only("io.delta..", "data", "scoring");
  }

  @Test
  void mllibStaysWithLearningModelAndScoring() {
    only("org.apache.spark.ml..", "learning", "model", "scoring");
    only("org.apache.spark.mllib..", "learning");
  }

  @Test
  void distributionsStayWithLearningAndMetrics() {
    only("org.apache.commons.math3..", "learning", "metrics");
  }

  @Test
  void yamlAndOnnxStayWithModel() {
    only("org.yaml..", "model");
    only("com.google.protobuf..", "model");
    only("ai.onnx..", "model");
  }

  @Test
  void plotsStayWithReport() {
    only("org.knowm..", "report");
    only("java.awt..", "report");
  }

  @Test
  void theCommandLineStaysWithApp() {
    only("picocli..", "app");
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
        .callMethodWhere(
            JavaCall.Predicates.target(HasName.Predicates.nameMatching("set|unset"))
                .and(
                    JavaCall.Predicates.target(
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
                + " what a job needs is an option of its own read or write, or set in a session of"
                + " its own, which Sessions makes")
        .check(CODE);
  }

  @Test
  void propertiesOfTheJvmAreLeftAlone() {
    noClasses()
        .should()
        .callMethod(System.class, "setProperty", String.class, String.class)
        .orShould()
        .callMethod(Locale.class, "setDefault", Locale.class)
        .orShould()
        .callMethod(TimeZone.class, "setDefault", TimeZone.class)
        .because("on Databricks other jobs share the JVM")
        .check(CODE);
  }

  @Test
  void gettersAreNamedForWhatTheyReturn() {
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAPackage("winequality..")
        .and()
        // a bean, because Spark's encoder finds its fields by getters
        .areDeclaredInClassesThat()
        .doNotHaveSimpleName("CheckedRow")
        .should()
        .haveNameNotMatching("get(?!Version|HostCreds)[A-Z].*")
        .because("the field's name is the name; two names are those of foreign interfaces")
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
      assertThat(Files.readString(info)).contains("@NullMarked").contains("In:").contains("Out:");
    }
  }

  private static void only(String library, String... rooms) {
    String[] packages = Stream.of(rooms).map(room -> "winequality." + room).toArray(String[]::new);
    classes()
        .that()
        .resideOutsideOfPackages(packages)
        .and()
        .resideInAPackage("winequality..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage(library)
        .because("each foreign library has one room, so that replacing it touches one package")
        .check(CODE);
  }
}
