package winequality.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mlflow.tracking.MlflowClient;
import sparkmlflow.artifacts.LocalFiles;
import testing.MlflowServer;
import testing.PythonEnv;

/**
 * What {@code deploy/local/wine} does before a job's JVM starts, and how it treats the MLflow
 * server.
 *
 * <p>The launcher is copied into a project of its own, whose path has a space, with a jar that is
 * only a list of class names and a spark-submit that prints what it was given. Only the server's
 * tests need the real Python environment.
 */
class LauncherIT {

  /**
   * Tools that every machine has; the launcher may use no others before it says what is missing.
   */
  private static final List<String> BASIC_TOOLS =
      List.of(
          "bash",
          "cat",
          "cksum",
          "cut",
          "dirname",
          "env",
          "find",
          "grep",
          "head",
          "ln",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sha256sum",
          "shasum",
          "sleep",
          "sort",
          "tail",
          "touch",
          "tr",
          "uname",
          "xargs");

  private static final Map<String, String> CLASS_OF_COMMAND =
      new LinkedHashMap<>(
          Map.of(
              "train", "winequality.app.TrainingJob",
              "tune", "winequality.app.TuningJob",
              "retrain", "winequality.app.RetrainingJob",
              "score", "winequality.app.BatchScoringJob",
              "publish", "winequality.app.PublicationJob",
              "promote", "winequality.app.PromotionJob",
              "rollback", "winequality.app.PromotionJob",
              "reproduce", "winequality.app.ReproductionJob",
              "describe", "winequality.app.DescriptionJob",
              "tour", "winequality.app.TrackingTourJob"));

  private static final Path CHECKOUT = Path.of("").toAbsolutePath();

  @TempDir Path scratch;

  private Path project;
  private Path launcher;
  private Path caller;
  private final Map<String, String> environment = new LinkedHashMap<>();

  @BeforeEach
  void makeProject() throws IOException {
    project = Files.createDirectories(scratch.resolve("a project"));
    Path local = Files.createDirectories(project.resolve("deploy/local"));
    try (Stream<Path> files = Files.list(CHECKOUT.resolve("deploy/local"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(
            file,
            local.resolve(file.getFileName()),
            java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    launcher = local.resolve("wine");
    Files.createDirectories(project.resolve("jobs"));
    Files.createDirectories(project.resolve("conf"));
    Files.writeString(project.resolve("pom.xml"), "<project/>");
    Files.createDirectories(project.resolve("target/delta/4.0"));
    Files.createDirectories(project.resolve("target/delta/4.1"));
    Files.createFile(project.resolve("target/delta/4.0/delta-spark.jar"));
    writeJar("winequality/app/TrainingJob.class", "winequality/app/PromotionJob.class");
    caller = Files.createDirectories(scratch.resolve("caller"));

    Path spark = sparkHome(scratch.resolve("spark"), "2.13-4.0.1");
    environment.put("SPARK_HOME", spark.toString());
    environment.put("WINE_VENV", pythonEnvironment(scratch.resolve("venv")).toString());
    environment.put("MLFLOW_TRACKING_URI", "http://127.0.0.1:9");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
  }

  @Nested
  class Commands {

    @Test
    void helpNamesEveryCommand() throws Exception {
      Answer answer = wine("help");

      assertThat(answer.code()).isZero();
      assertThat(answer.out()).contains(CLASS_OF_COMMAND.keySet());
      assertThat(answer.out())
          .contains("setup", "up", "down", "status", "ui", "bench", "cluster", "serve", "docs");
      assertThat(wine("--help").out()).isEqualTo(answer.out());
      assertThat(wine("-h").out()).isEqualTo(answer.out());
    }

    @Test
    void unknownCommandIsRefusedWithTheKnownOnes() throws Exception {
      Answer answer = wine("trian");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("There is no command 'trian'.", "The commands are: train tune retrain score");
      assertThat(answer.out()).isEmpty();
    }

    @Test
    void everyJobCommandStartsItsClass() throws Exception {
      writeJar(
          CLASS_OF_COMMAND.values().stream()
              .map(name -> name.replace('.', '/') + ".class")
              .toArray(String[]::new));

      for (Map.Entry<String, String> entry : CLASS_OF_COMMAND.entrySet()) {
        Answer answer = wine(entry.getKey());
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.arguments()).containsSequence("--class", entry.getValue());
      }
    }

    @Test
    void everyJobOfTheProjectHasACommand() throws Exception {
      try (Stream<Path> classes = Files.list(CHECKOUT.resolve("jobs/winequality/app"))) {
        List<String> jobs =
            classes
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith("Job.java"))
                .map(name -> "winequality.app." + name.replace(".java", ""))
                .toList();
        assertThat(CLASS_OF_COMMAND.values()).containsAll(jobs);
      }
    }

    @Test
    void commandWhoseClassIsNotInTheJarIsRefused() throws Exception {
      Answer answer = wine("tune");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("'tune' cannot run: the jar has no class winequality.app.TuningJob.");
    }

    @Test
    void benchNamesItsComparisonsAndRefusesOthersBeforeAnythingIsSetUp() throws Exception {
      copyOfBench();

      Answer help = wine("bench", "--help");
      assertThat(help.code()).as(help.err()).isZero();
      for (String name :
          List.of(
              "whole-job",
              "tuning",
              "pass",
              "solver",
              "ingest",
              "score",
              "clustering",
              "serving")) {
        assertThat(help.out()).containsPattern("(?m)^  " + name + " +\\S");
      }
      Answer unknown = wine("bench", "--quick", "solvers");
      assertThat(unknown.code()).isEqualTo(2);
      assertThat(unknown.err())
          .contains("There is no comparison 'solvers'.", "The comparisons are: whole-job tuning");
      assertThat(wine("bench", "--turns", "0").err())
          .contains("--turns: 0 must be a whole number from 1 on");
      assertThat(project.resolve(".local/bench")).doesNotExist();
    }

    private void copyOfBench() throws IOException {
      Path bench = Files.createDirectories(project.resolve("src/bench"));
      try (Stream<Path> files = Files.list(CHECKOUT.resolve("src/bench"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, bench.resolve(file.getFileName()));
        }
      }
    }

    @Test
    void rollbackIsPromotionWithItsFirstArgument() throws Exception {
      assertThat(wine("rollback", "--reason", "x").jobArguments())
          .startsWith("rollback", "--reason", "x");
      assertThat(wine("promote", "--reason", "x").jobArguments()).startsWith("--reason", "x");
    }
  }

  @Nested
  class Arguments {

    @Test
    void sparkOptionsGoToSparkAndTheOthersToTheJob() throws Exception {
      Answer answer =
          wine(
              "train",
              "--alpha",
              "0.5",
              "--conf",
              "spark.a=b c",
              "--result=r.json",
              "--executor-memory=2g",
              "--",
              "--master");

      assertThat(answer.sparkArguments())
          .containsSequence("--conf", "spark.a=b c", "--executor-memory", "2g")
          .containsSequence("--master", "local[*]");
      assertThat(answer.jobArguments())
          .containsExactly(
              "--alpha",
              "0.5",
              "--result=r.json",
              "--master",
              "--config",
              project.resolve("conf/local.conf").toString());
    }

    @Test
    void theCompilerC2IsLeftOutForASmallCsvFileAlone() throws Exception {
      Path local = project.resolve("conf/local.conf");
      String shipped = Files.readString(Path.of("conf/local.conf"));
      Files.writeString(local, shipped);
      Path red = Files.createDirectories(project.resolve("data")).resolve("winequality-red.csv");
      Files.write(red, new byte[1000]);
      Path most = Files.write(scratch.resolve("most.csv"), new byte[1 << 19]);
      Path more = Files.write(scratch.resolve("more.csv"), new byte[(1 << 19) + 1]);
      Path packed = Files.write(scratch.resolve("packed.csv.gz"), new byte[9]);

      assertThat(leavesC2Out("train")).isTrue();
      assertThat(leavesC2Out("tune", "--set", "data.source=" + most)).isTrue();
      assertThat(leavesC2Out("train", "--set=data.source = " + most)).isTrue();
      assertThat(leavesC2Out("train", "--set", "data.source=" + more)).isFalse();
      assertThat(leavesC2Out("train", "--set=data.source = " + more)).isFalse();
      assertThat(leavesC2Out("train", "--set", "data.source=" + packed)).isFalse();
      assertThat(leavesC2Out("train", "--set", "data.source=" + scratch)).isFalse();
      assertThat(leavesC2Out("train", "--set", "data.mode=append")).isFalse();
      assertThat(leavesC2Out("train", "--config", "other.conf")).isFalse();
      assertThat(leavesC2Out("score")).isFalse();
      Files.writeString(local, shipped + "\ndata.mode = append\n");
      assertThat(leavesC2Out("train")).isFalse();
      Files.writeString(local, shipped.replace("${WINE_HOME}/data", "/data"));
      assertThat(leavesC2Out("train")).isFalse();
    }

    private boolean leavesC2Out(String... arguments) throws Exception {
      writeJar(CLASS_OF_COMMAND.values().stream().map(this::file).toArray(String[]::new));
      Answer answer = wine(arguments);
      assertThat(answer.code()).as(answer.err()).isZero();
      return answer.out().contains("-XX:TieredStopAtLevel=1");
    }

    private String file(String mainClass) {
      return mainClass.replace('.', '/') + ".class";
    }

    @Test
    void sparkOptionWithoutItsValueIsRefused() throws Exception {
      Answer answer = wine("train", "--master");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err()).contains("--master needs a value");
    }

    @Test
    void settingsFileOfTheCallerReplacesTheLocalOne() throws Exception {
      assertThat(wine("train", "--config", "my.conf").jobArguments())
          .containsExactly("--config", "my.conf");
      assertThat(wine("train", "--config=my.conf").jobArguments())
          .containsExactly("--config=my.conf");
    }

    @Test
    void jarsOfTheCallerAreAddedToThoseOfDelta() throws Exception {
      assertThat(wine("train", "--jars", "mine.jar").sparkArguments())
          .containsSequence(
              "--jars", "mine.jar," + project.resolve("target/delta/4.0/delta-spark.jar"));
    }

    @Test
    void whoHasASparkNeedsNoneFromPyPI() throws Exception {
      program(
          project.resolve("deploy/local/python-env"),
          "echo \"${WINE_PYSPARK:-yes}\" >>asked; echo \"$WINE_VENV\"");
      wine("train");
      environment.put("SPARK_HOME", sparkHome(scratch.resolve("old"), "2.12-3.5.1").toString());
      wine("train");

      assertThat(caller.resolve("asked")).hasContent("no\nyes");
    }

    @Test
    void sparkThatBringsDeltaGetsNoSecondOne() throws Exception {
      Files.createFile(
          Path.of(environment.get("SPARK_HOME")).resolve("jars/delta-spark_2.13-4.0.1.jar"));

      assertThat(wine("train").sparkArguments()).doesNotContain("--jars");
    }

    @Test
    void settingsOfOneMachineAreLeftOutOnACluster() throws Exception {
      Answer local = wine("train");
      Answer cluster = wine("train", "--master", "spark://somewhere:7077");

      assertThat(local.sparkArguments())
          .containsSequence(
              "--properties-file", project.resolve("deploy/local/spark-defaults.conf").toString());
      assertThat(local.out())
          .contains(
              "LOG4J_CONFIGURATION_FILE=" + project.resolve("deploy/local/log4j2.properties"));
      assertThat(cluster.sparkArguments())
          .containsSequence("--master", "spark://somewhere:7077")
          .contains("spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension")
          .doesNotContain("--properties-file", "--driver-memory");
      assertThat(cluster.out()).contains("LOG4J_CONFIGURATION_FILE=\n");
    }

    @Test
    void clusterOfThisMachineHasTheSettingsOfOneMachine() throws Exception {
      Answer answer = wine("train", "--master", "spark://127.0.0.1:7077");

      assertThat(answer.sparkArguments())
          .containsSequence("--master", "spark://127.0.0.1:7077")
          .containsSequence(
              "--properties-file", project.resolve("deploy/local/spark-defaults.conf").toString());
    }

    @Test
    void driverOfThisMachineHasTheJarsOnItsClassPathUnlessTheCallerSetsIt() throws Exception {
      Answer local = wine("train");

      assertThat(local.sparkArguments())
          .containsSequence(
              "--driver-class-path",
              project.resolve("target/wine-quality-training-1.1.0.jar")
                  + ":"
                  + project.resolve("target/delta/4.0/delta-spark.jar")
                  + ":"
                  + environment.get("SPARK_HOME")
                  + "/jars/*");
      for (String[] options :
          new String[][] {
            {"train", "--conf", "spark.driver.extraClassPath=mine"},
            {"train", "--master", "spark://127.0.0.1:7077", "--deploy-mode=cluster"},
            {"train", "--master", "spark://somewhere:7077"}
          }) {
        assertThat(wine(options).sparkArguments()).doesNotContain("--driver-class-path");
      }
    }

    @Test
    void clusterTakesOneOfThreeWords() throws Exception {
      for (String[] words :
          new String[][] {{"cluster"}, {"cluster", "start"}, {"cluster", "up", "2"}}) {
        Answer answer = wine(words);

        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("'cluster' takes one word: up, down or status");
      }
      assertThat(wine("cluster", "status").out()).contains("does not run");
      assertThat(wine("cluster", "down").out()).contains("No Spark cluster");
    }

    @Test
    void propertiesOfTheCallerStandBehindOurs() throws Exception {
      Files.writeString(
          caller.resolve("my.conf"), "spark.master  local[3]\nspark.driver.memory=3g\n");

      Answer answer = wine("train", "--properties-file", "my.conf");

      assertThat(answer.sparkArguments())
          .containsSequence("--master", "local[3]")
          .doesNotContain("--driver-memory");
      Path both =
          Path.of(
              answer
                  .sparkArguments()
                  .get(answer.sparkArguments().indexOf("--properties-file") + 1));
      assertThat(Files.readString(both))
          .startsWith(Files.readString(project.resolve("deploy/local/spark-defaults.conf")))
          .endsWith("spark.driver.memory=3g\n");
      // the caller's file may have the keys of a storage
      assertThat(Files.getPosixFilePermissions(both))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Nested
  class Surroundings {

    @Test
    void exitCodeOfTheJobIsPassedOn() throws Exception {
      environment.put("ANSWER_WITH", "3");

      assertThat(wine("train").code()).isEqualTo(3);
    }

    /** {@code script} of util-linux gives the launcher a terminal. */
    @Test
    void aTerminalShowsTheProgressAndNotJavasWarning() throws Exception {
      program(
          scratch.resolve("spark/bin/spark-submit"),
          """
          printf 'picked up\\nWARNING: Using incubator modules: jdk.incubator.vector\\n' >&2
          printf 'begin%sWARNING: Using incubator modules: jdk.incubator.vector\\nno end' "$WINE_LINE_START" >&2
          sleep 0.5 # the launcher's terminal shows it meanwhile
          exit 3
          """);
      environment.put("TERM", "xterm");

      Answer answer = run(List.of("script", "-qec", "'" + launcher + "' train", "/dev/null"));

      assertThat(answer.code()).isEqualTo(3);
      assertThat(answer.out())
          .isEqualTo(
              "picked up\r\nbegin\r\u001b[KWARNING: Using incubator modules: jdk.incubator.vector\r\nno end");
      assertThat(wine("train").err()).startsWith("picked up\nWARNING: ");
    }

    @Test
    void callerKeepsItsFolderAlsoThroughALink() throws Exception {
      Path link = Files.createSymbolicLink(caller.resolve("wine-link"), launcher);

      Answer answer = run(List.of(link.getFileName().toString().replaceFirst("^", "./"), "train"));

      assertThat(answer.code()).as(answer.err()).isZero();
      assertThat(answer.out())
          .contains(
              "folder=" + caller.toRealPath() + "\n", "WINE_HOME=" + project.toRealPath() + "\n");
      assertThat(caller).isDirectoryNotContaining(path -> !path.equals(link));
    }

    @Test
    void jobReadsTheStandardInputOfTheCaller() throws Exception {
      Path input = Files.writeString(scratch.resolve("input"), "from the caller\n");
      ProcessBuilder builder =
          new ProcessBuilder(launcher.toString(), "train").redirectInput(input.toFile());

      assertThat(run(builder).out()).contains("input=from the caller\n");
    }

    @ParameterizedTest
    @CsvSource({
      "2.12-3.5.1, Spark 3.5.1 for Scala 2.12;",
      // it needs a newer Delta
      "2.13-4.1.2, Spark 4.1.2 for Scala 2.13;"
    })
    void sparkHomeOfAnotherVersionIsNamedAndNotUsed(String version, String named) throws Exception {
      Path old = sparkHome(scratch.resolve("old spark"), version);
      Path shipped =
          Path.of(environment.get("WINE_VENV")).resolve("lib/python3.11/site-packages/pyspark");
      sparkHome(shipped, "2.13-4.0.1");
      environment.put("SPARK_HOME", old.toString());

      Answer answer = wine("train");

      assertThat(answer.err()).contains("SPARK_HOME (" + old + ") holds " + named);
      assertThat(answer.out()).contains("SPARK_HOME=" + shipped + "\n");
    }

    @Test
    void statusOfAStateThatHasNoServerIsComplete() throws Exception {
      environment.put("WINE_STATE", Files.createDirectories(scratch.resolve("new")).toString());

      Answer answer = wine("status");

      assertThat(answer.code()).as(answer.err()).isZero();
      assertThat(answer.out()).contains("MLflow ", "State ", "Java ", "Jar ");
      assertThat(answer.out()).doesNotContain("Outbox ");
    }

    @Test
    void keptRunsAreInTheStateFolderAndInTheStatus() throws Exception {
      Path state = Files.createDirectories(scratch.resolve("new")).toRealPath();
      environment.put("WINE_STATE", state.toString());
      Path kept = Files.createDirectories(state.resolve("outbox/20260301T120000Z-r1"));
      Files.createFile(kept.resolve("SHA256SUMS"));

      assertThat(wine("train", "--config", "my.conf").out()).contains("WINE_STATE=" + state + "\n");
      assertThat(wine("status").out())
          .containsPattern("Outbox +1 .*" + state.resolve("outbox") + "; `wine publish`");
    }

    @Test
    void passwordInTheTrackingUriIsNotShown() throws Exception {
      environment.put("MLFLOW_TRACKING_URI", "https://ann:pa55@tracking.example/a");

      Answer answer = wine("status");

      assertThat(answer.out()).contains("https://****@tracking.example/a");
      assertThat(answer.out() + answer.err()).doesNotContain("pa55");
    }

    /** The JVM reads paths in the locale's encoding; C loses every umlaut. */
    @Test
    void localeOfAsciiBecomesOneOfUtf8() throws Exception {
      for (String ascii : List.of("C", "POSIX", "xx_YY.UTF-8")) { // the last is not installed
        environment.put("LC_ALL", ascii);
        Answer answer = wine("train", "--set", "data.source=/Größe.csv");
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out()).contains("LC_ALL=C.UTF-8\n");
      }
      environment.put("LC_ALL", "C.utf8");
      assertThat(wine("train").out()).contains("LC_ALL=C.utf8\n");
    }

    @Test
    void pathThatTheLocaleCannotExpressIsRefused() throws Exception {
      program(scratch.resolve("old/locale"), "echo ANSI_X3.4-1968"); // has no C.UTF-8
      environment.put("PATH", scratch.resolve("old") + ":" + System.getenv("PATH"));
      environment.put("LC_ALL", "C");
      assertThat(wine("train").code()).isZero();

      Answer answer = wine("train", "--set", "data.source=/Größe.csv");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("has a character that is not ASCII", "Set LC_ALL to one of the UTF-8 locales");
    }

    @Test
    void homeIsNotNeeded() throws Exception {
      ProcessBuilder builder =
          new ProcessBuilder(launcher.toString(), "train")
              .redirectInput(Path.of("/dev/null").toFile());
      builder.environment().remove("HOME");

      Answer answer = run(builder);

      assertThat(answer.code()).as(answer.err()).isZero();
      assertThat(answer.err()).isEmpty();
    }
  }

  @Nested
  class MissingTools {

    private Path tools;

    @BeforeEach
    void keepOnlyBasicTools() throws IOException {
      tools = Files.createDirectories(scratch.resolve("tools"));
      for (String tool : BASIC_TOOLS) {
        for (String folder : System.getenv("PATH").split(":", -1)) {
          Path program = Path.of(folder, tool);
          if (Files.isExecutable(program) && !Files.exists(tools.resolve(tool))) {
            Files.createSymbolicLink(tools.resolve(tool), program);
          }
        }
      }
      environment.put("PATH", tools.toString());
    }

    @Test
    void missingMavenIsNamedWithWhatToDo() throws Exception {
      staleJar();

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains(
              "There is no mvn on the PATH; it is needed to build the jar",
              "Install Maven 3.8 or newer");
    }

    @Test
    void missingJavaIsNamedWithWhatToDo() throws Exception {
      hideInstalledJavas();
      environment.remove("JAVA_HOME");

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err()).contains("Java was not found: JAVA_HOME is not set", "Install one");
    }

    @Test
    void javaOfAnotherVersionIsNamedWithWhatToDo() throws Exception {
      hideInstalledJavas();
      environment.put("JAVA_HOME", javaHome("25.0.1").toString());

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("Neither Java 17 nor 21 was found; found only 25.0.1", "set JAVA_HOME to one");
    }

    @Test
    void javaOfThePathHelpsWhenJavaHomeIsAnotherVersion() throws Exception {
      Path other = javaHome("25.0.1");
      environment.put("JAVA_HOME", other.toString());
      Files.createSymbolicLink(
          tools.resolve("java"), Path.of(System.getProperty("java.home"), "bin/java"));

      Answer answer = wine("train");

      assertThat(answer.code()).as(answer.err()).isZero();
      assertThat(answer.err()).contains("JAVA_HOME (" + other + ") is not a Java 17 or 21; using ");
    }

    @Test
    void anEnvironmentWithoutSparkIsEnoughForThoseWhoHaveOne() throws Exception {
      Path state = Files.createDirectories(scratch.resolve("state")).toRealPath();
      program(state.resolve("venv/bin/python"), "echo 3.11");
      Path lock = Files.writeString(project.resolve("deploy/local/requirements.txt"), "");
      String sum = LocalFiles.sha256(lock);
      Files.writeString(
          state.resolve("venv/wine-complete"), sum + "\n3.11\n" + state + "\nwithout pyspark\n");
      environment.remove("WINE_VENV");
      environment.put("WINE_STATE", state.toString());
      List<String> command = List.of(project.resolve("deploy/local/python-env").toString());

      environment.put("WINE_PYSPARK", "no");
      assertThat(run(command).out()).isEqualTo(state.resolve("venv") + "\n");
      environment.remove("WINE_PYSPARK");
      assertThat(run(command).err()).contains("There is no python3 on the PATH");
    }

    @Test
    void missingPythonIsNamedWithWhatToDo() throws Exception {
      environment.remove("WINE_VENV");

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("There is no python3 on the PATH", "Install Python 3.10 or newer");
    }

    @Test
    void pythonThatIsTooOldIsNamedWithWhatToDo() throws Exception {
      environment.remove("WINE_VENV");
      program(tools.resolve("python3"), "[ \"$1\" = --version ] && echo Python 3.8.1 || exit 1");

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("python3 is Python 3.8.1, but the packages", "set WINE_PYTHON");
    }

    @Test
    void pythonWithoutVenvIsNamedWithWhatToDo() throws Exception {
      environment.remove("WINE_VENV");
      program(tools.resolve("python3"), "case \"$*\" in *ensurepip*) exit 1;; esac");

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("python3 has no venv module", "apt-get install python3-venv");
    }

    @Test
    void packagesThatAreNotInstalledSayWhatToLookAt() throws Exception {
      environment.remove("WINE_VENV");
      environment.put("WINE_PYTHON", "/no/python");
      program(
          tools.resolve("python3"), "case \"$*\" in *'-m venv'*) echo the reason; exit 1;; esac");

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(1);
      assertThat(answer.err())
          .contains(
              "WINE_PYTHON (/no/python) is not a Python 3.10 to 3.14; using python3",
              "the reason",
              project.resolve(".local") + " and /tmp have room",
              "that pip can reach PyPI");
    }

    @Test
    void packagesThatAreMissingAreSaidAfterTheBuildToo() throws Exception {
      environment.remove("WINE_VENV");
      staleJar();
      program(tools.resolve("mvn"), "sleep 1");

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("There is no python3 on the PATH")
          .endsWith("the Python packages are missing; the reason is above.\n");
    }

    @Test
    void jarThatCannotBeBuiltSaysWhoseProxyMavenTakes() throws Exception {
      staleJar();
      program(tools.resolve("mvn"), "exit 1");

      assertThat(wine("train").err())
          .contains("The jar could not be built", "Maven takes a proxy from ~/.m2/settings.xml");
    }

    @Test
    void targetThatCannotBeWrittenIsReported() throws Exception {
      program(tools.resolve("mvn"), "exit 1");
      Files.move(project.resolve("target"), scratch.resolve("moved"));
      Files.createFile(project.resolve("target")); // root may write to any folder

      Answer answer = wine("train");

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("target cannot be written", "make a clone of your own")
          .doesNotContain("Building");
    }

    /** As a JVM does, this mvn ends with a code after Ctrl-C and not by the signal. */
    @Test
    void buildThatIsInterruptedIsNoFailedBuild() throws Exception {
      staleJar();
      program(tools.resolve("mvn"), "trap 'sleep 1; exit 130' INT; kill -INT 0");
      environment.remove("PATH");
      String path = tools + ":" + System.getenv("PATH");

      Answer answer =
          run(
              List.of(
                  "env",
                  "--default-signal=INT",
                  "PATH=" + path,
                  "setsid",
                  "--wait",
                  launcher.toString(),
                  "train"));

      assertThat(answer.code()).as(answer.err()).isEqualTo(130);
      assertThat(answer.err()).contains("Building").doesNotContain("could not be built");
    }

    @Test
    void servicesNeedAPythonThatIsNewEnough() throws Exception {
      program(tools.resolve("python3"), "exit 1"); // as an old one answers
      Answer old = wine("down");
      program(tools.resolve("python3.10"), "[ \"$1\" = -I ] || echo stopped");
      Answer another = wine("down");
      program(Path.of(environment.get("WINE_VENV")).resolve("bin/python3"), "echo nothing to stop");

      assertThat(old.code()).isEqualTo(2);
      assertThat(old.err())
          .contains(
              "There is no Python 3.10 or newer on the PATH; it starts and stops the services");
      assertThat(another.out()).contains("MLflow server stopped");
      assertThat(wine("down").out()).contains("No MLflow server is running");
    }

    private void staleJar() throws IOException {
      Files.setLastModifiedTime(
          project.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(60)));
    }

    /** Takes the folders in which Java is looked for out of the copy of the launcher. */
    private void hideInstalledJavas() throws IOException {
      String text = Files.readString(launcher);
      String without =
          text.replace("/usr/lib/jvm/*{17,21}*", "")
              .replace("/opt/java/*", "")
              .replace("\"${HOME:-}\"/.sdkman/candidates/java/{17,21}*", "")
              .replace("/Library/Java/JavaVirtualMachines/*{17,21}*/Contents/Home", "");
      assertThat(without).hasSizeLessThan(text.length() - 100);
      Files.writeString(launcher, without);
    }

    private Path javaHome(String version) throws IOException {
      Path home = scratch.resolve("java-" + version);
      program(home.resolve("bin/java"), "exit 1");
      Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
      return home;
    }
  }

  @Nested
  class Server {

    private Path state;

    @BeforeEach
    void useAStateFolder() {
      state = scratch.resolve("a state");
      environment.put("WINE_STATE", state.toString());
      environment.remove("MLFLOW_TRACKING_URI");
    }

    @Test
    void serverIsStartedOnceSurvivesAKillAndIsStopped() throws Exception {
      Answer packages =
          run(List.of(CHECKOUT.resolve("deploy/local/python-env").toString()), Map.of());
      assertThat(packages.code()).as(packages.err()).isZero();
      environment.put("WINE_VENV", packages.out().strip());
      try {
        Answer first = wine("up");
        assertThat(first.code()).as(first.err()).isZero();
        String uri = first.out().strip().replaceFirst("MLflow runs at ", "");
        assertThat(uri).startsWith("http://127.0.0.1:");
        long pid = serverProcess();
        assertThat(statusOf(uri)).isEqualTo(200);
        assertThat(wine("status").out()).contains("runs at " + uri + ", process " + pid);

        assertThat(wine("train").out()).contains("MLFLOW_TRACKING_URI=" + uri + "\n");
        assertThat(serverProcess()).isEqualTo(pid);

        ProcessHandle killed = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> below = killed.descendants().toList();
        assertThat(below).isNotEmpty();
        killed.destroyForcibly();
        killed.onExit().get();

        assertThat(wine("up").out()).contains(uri);
        assertThat(serverProcess()).isNotEqualTo(pid);
        assertThat(below).noneMatch(Server::runs);
        assertThat(statusOf(uri)).isEqualTo(200);

        ProcessHandle last = ProcessHandle.of(serverProcess()).orElseThrow();
        List<ProcessHandle> lastBelow = last.descendants().toList();
        assertThat(wine("down").out()).contains("MLflow server stopped");
        assertThat(runs(last)).isFalse();
        assertThat(lastBelow).noneMatch(Server::runs);
        assertThat(wine("status").out()).contains("does not run", uri);
        assertThat(wine("down").out()).contains("No MLflow server");
        assertThat(state.resolve("mlflow/mlflow.db")).exists();
      } finally {
        wine("down");
      }
    }

    @Test
    void downLeavesAProcessAloneThatOnlyHasTheSameId() throws Exception {
      Process other = new ProcessBuilder("sleep", "600").start();
      try {
        Files.createDirectories(state.resolve("mlflow"));
        Files.writeString(
            state.resolve("mlflow/server.json"),
            """
            {"uri": "http://127.0.0.1:9", "environment": "x", "processes": [{"pid": %d, "started": "another time"}]}
            """
                .formatted(other.pid()));

        Answer answer = wine("down");

        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out()).contains("No MLflow server");
        assertThat(other.isAlive()).isTrue();
        assertThat(state.resolve("mlflow/server.json")).doesNotExist();
      } finally {
        other.destroyForcibly();
      }
    }

    @Test
    void recordThatCannotBeReadIsReportedAndKept() throws Exception {
      Files.createDirectories(state.resolve("mlflow"));
      Files.writeString(state.resolve("mlflow/server.json"), "{\"uri\": ");

      Answer answer = wine("down");

      assertThat(answer.code()).isEqualTo(1);
      assertThat(answer.err())
          .contains("server.json cannot be read", "stop it, then delete the file");
      assertThat(state.resolve("mlflow/server.json")).exists();
    }

    @Test
    void serverThatDoesNotStartIsReportedWithoutItsTrace() throws Exception {
      program(
          Path.of(environment.get("WINE_VENV")).resolve("bin/python"),
          """
          echo 'Traceback (most recent call last):'
          echo '  File "store.py", line 1'
          echo 'MlflowException: Detected out-of-date database schema (found version 1, but expected 2).'
          exit 1""");

      Answer answer = wine("up");

      assertThat(answer.code()).isEqualTo(1);
      assertThat(answer.err())
          .contains(
              "wine: MlflowException: Detected out-of-date database schema",
              "If an older MLflow made the database: cd '" + state + "/mlflow' && cp mlflow.db",
              "If a newer one made it, set WINE_STATE to another folder.")
          .doesNotContain("store.py");
    }

    private long serverProcess() throws IOException {
      String record = Files.readString(state.resolve("mlflow/server.json"));
      return Long.parseLong(record.replaceFirst("(?s).*?\"pid\": (\\d+).*", "$1"));
    }

    /**
     * A process that ended and whose parent has not asked for its exit code yet is alive to Java,
     * but has no program.
     */
    private static boolean runs(ProcessHandle process) {
      return process.isAlive() && process.info().command().isPresent();
    }

    private static int statusOf(String uri) throws IOException {
      return ((HttpURLConnection) URI.create(uri + "/health").toURL().openConnection())
          .getResponseCode();
    }
  }

  @Nested
  class Serve {

    private final MlflowClient mlflow = new MlflowClient(MlflowServer.serving().uri().toString());
    private final String model = "served " + UUID.randomUUID();

    @BeforeEach
    void useTheRealRegistry() {
      environment.put("WINE_STATE", scratch.resolve("state").toString());
      environment.put("WINE_VENV", PythonEnv.venv().toString());
      environment.put("MLFLOW_TRACKING_URI", MlflowServer.serving().uri().toString());
    }

    @Test
    void missingAliasIsReportedWithThoseThatThereAre() throws Exception {
      registerVersion();
      registerVersion();
      alias("challenger", 2);
      alias("archived", 1);

      Answer answer = wine("serve", "--model", model);

      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains(
              "No version of " + model + " has the alias champion.",
              "It has archived (version 1), challenger (version 2).",
              "Serve one of these with --alias",
              "deploy/local/wine promote")
          .doesNotContain("Traceback");
    }

    @Test
    void modelWithoutAliasesAndModelThatIsNoneAreReported() throws Exception {
      assertThat(wine("serve", "--model", model).err())
          .contains("There is no registered model " + model, "Train one (deploy/local/wine train)");
      registerVersion();

      assertThat(wine("serve", "--model", model).err()).contains("has no aliases");
      Answer answer = wine("serve", "--model", model, "--version", "9");
      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err()).contains("version=9) not found");
    }

    @Test
    void portThatIsNoneOrTakenIsReported() throws Exception {
      int taken = MlflowServer.serving().uri().getPort();

      assertThat(wine("serve", "--port", "70000").err())
          .contains("70000 is not a port; it must be a number from 1 to 65535");
      Answer answer = wine("serve", "--port", String.valueOf(taken));
      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("Port " + taken + " on 127.0.0.1 cannot be used: Address already in use.");
    }

    @Test
    void settingsAreForJobs() throws Exception {
      assertThat(wine("serve", "--config", "my.conf").err())
          .contains(
              "serve: it reads no settings; give the registry.model-name of yours with --model");
    }

    @Test
    void registryThatIsNotReachedIsReportedWithoutPassword() throws Exception {
      environment.put("MLFLOW_TRACKING_URI", "http://ann:pa55@127.0.0.1:9");
      environment.put("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0");

      Answer answer = wine("serve");

      assertThat(answer.code()).isEqualTo(4);
      assertThat(answer.err())
          .contains("The registry http://****@127.0.0.1:9 did not answer for wine-quality")
          .doesNotContain("pa55", "Traceback");
    }

    @Test
    void noProxyIsOnTheWayToThisMachine() throws Exception {
      environment.put("http_proxy", "http://127.0.0.1:9");
      environment.put("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0");

      assertThat(wine("serve", "--model", model).err())
          .contains("There is no registered model " + model);
    }

    private void registerVersion() throws Exception {
      String run = mlflow.createRun("0").getRunId();
      String source = mlflow.getRun(run).getInfo().getArtifactUri() + "/model";
      ObjectMapper json = new ObjectMapper();
      String name = json.writeValueAsString(Map.of("name", model));
      if (!mlflow.sendGet("registered-models/search").contains(model)) {
        mlflow.sendPost("registered-models/create", name);
      }
      mlflow.sendPost(
          "model-versions/create",
          json.writeValueAsString(Map.of("name", model, "source", source, "run_id", run)));
    }

    private void alias(String alias, int version) throws Exception {
      mlflow.sendPost(
          "registered-models/alias",
          new ObjectMapper()
              .writeValueAsString(
                  Map.of("name", model, "alias", alias, "version", String.valueOf(version))));
    }
  }

  /** What a call answered; {@code arguments} are those that the fake spark-submit printed. */
  private record Answer(int code, String out, String err) {

    List<String> arguments() {
      return out.lines()
          .filter(line -> line.startsWith("argument="))
          .map(line -> line.substring(9))
          .toList();
    }

    List<String> sparkArguments() {
      return arguments().subList(0, jarPosition());
    }

    List<String> jobArguments() {
      return arguments().subList(jarPosition() + 1, arguments().size());
    }

    private int jarPosition() {
      for (int i = 0; i < arguments().size(); i++) {
        if (arguments().get(i).endsWith("wine-quality-training-1.1.0.jar")) {
          return i;
        }
      }
      throw new AssertionError("no jar was given to spark-submit: " + this);
    }
  }

  private Answer wine(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(Arrays.asList(arguments));
    return run(command);
  }

  private Answer run(List<String> command) throws Exception {
    return run(command, environment);
  }

  private Answer run(List<String> command, Map<String, String> surroundings) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile());
    return run(builder, surroundings);
  }

  private Answer run(ProcessBuilder builder) throws Exception {
    return run(builder, environment);
  }

  private Answer run(ProcessBuilder builder, Map<String, String> surroundings) throws Exception {
    Map<String, String> variables = builder.environment();
    // what the machine's owner has set is not what is tested; the checkout's own environment is
    // made in its own state
    if (surroundings == environment) {
      variables.keySet().removeIf(name -> name.matches("(WINE|MLFLOW|SPARK|LOG4J)_.*|JAVA_HOME"));
    }
    variables.putAll(surroundings);
    Path err = Files.createTempFile(scratch, "err", "");
    Process process = builder.directory(caller.toFile()).redirectError(err.toFile()).start();
    String out;
    try (InputStream stream = process.getInputStream()) {
      out = new String(stream.readAllBytes(), UTF_8);
    }
    return new Answer(process.waitFor(), out, Files.readString(err));
  }

  /** A jar's list of names is all that the launcher reads of it. */
  private void writeJar(String... classes) throws IOException {
    Path jar = project.resolve("target/wine-quality-training-1.1.0.jar");
    Files.writeString(jar, "winequality/shaded/config/Config.class\n" + String.join("\n", classes));
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(10)));
  }

  private static Path sparkHome(Path home, String version) throws IOException {
    Files.createDirectories(home.resolve("jars"));
    Files.createFile(home.resolve("jars/spark-core_" + version + ".jar"));
    program(
        home.resolve("bin/spark-submit"),
        """
        for argument; do echo "argument=$argument"; done
        echo "folder=$PWD"
        for name in WINE_HOME WINE_STATE SPARK_HOME MLFLOW_TRACKING_URI LOG4J_CONFIGURATION_FILE LC_ALL SPARK_SUBMIT_OPTS; do eval "echo $name=\\$$name"; done
        read -r input; echo "input=$input"
        exit ${ANSWER_WITH:-0}
        """);
    return home;
  }

  private static Path pythonEnvironment(Path home) throws IOException {
    program(home.resolve("bin/python"), "exit 1");
    program(home.resolve("bin/mlflow"), "exit 1");
    return home;
  }

  private static void program(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
