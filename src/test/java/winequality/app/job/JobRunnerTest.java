package winequality.app.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elasticnet.solver.SolverException;
import java.io.ByteArrayOutputStream;
import java.io.IOError;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import testing.LocaleOfNumbers;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.app.BatchScoringJob;
import winequality.app.PromotionJob;
import winequality.app.TrainingJob;
import winequality.app.TuningJob;
import winequality.data.DataRefusedException;

class JobRunnerTest extends SparkTest {

  private static final Map<String, String> SUBMITTED = Map.of();
  private static final Map<String, String> DATABRICKS =
      Map.of("DATABRICKS_RUNTIME_VERSION", "17.3");

  @TempDir Path folder;

  private interface Body {
    JobStatus run(JobContext context) throws Exception;
  }

  @Test
  void aJobThatEndsWellHasItsStatusInTheFile() throws IOException {
    assertThat(run(SUBMITTED, context -> JobStatus.TRAINED)).isEqualTo(ExitCode.DONE);
    assertThat(result().get("status").asText()).isEqualTo("trained");
    assertThat(result().get("error").isNull()).isTrue();
  }

  @Test
  void failuresHaveTheCodeOfTheirKind() throws IOException {
    assertThat(
            run(
                SUBMITTED,
                context -> {
                  throw new DataRefusedException("bad rows");
                }))
        .isEqualTo(ExitCode.DATA_REFUSED);
    assertThat(result().get("error").asText()).isEqualTo("bad rows");
    assertThat(
            run(
                SUBMITTED,
                context -> {
                  throw new SolverException("too few sweeps");
                }))
        .isEqualTo(ExitCode.FAILED);
    // foreseen: only the message, without the exception's name
    assertThat(result().get("error").asText()).isEqualTo("too few sweeps");
    assertThat(
            run(
                SUBMITTED,
                context -> {
                  throw new IllegalStateException("odd");
                }))
        .isEqualTo(ExitCode.FAILED);
    assertThat(result().get("error").asText()).isEqualTo("IllegalStateException: odd");
  }

  @ParameterizedTest
  @CsvSource({
    "--set, learning.fit-intercept=false, learning.fit-intercept is false",
    "--set, learning.loss=huber, learning.loss is huber",
    "--set, data.source=, data.source is not set; name the CSV files",
    "--alpha, 0.5, --alpha and --lambda are for train",
    "--lambda, 0.5, --alpha and --lambda are for train"
  })
  void tuningRefusesWhatItCannotDoBeforeAnythingIsDone(String option, String value, String error)
      throws IOException {
    for (String[] mode : new String[][] {{}, {"--dry-run"}}) {
      List<String> words =
          new ArrayList<>(
              List.of(
                  option,
                  value,
                  "--set",
                  "learning.solver=auto",
                  // neither exists: a job that looked for them first would fail with another
                  // message
                  "--set",
                  value.equals("data.source=")
                      ? value
                      : "data.source=" + folder.resolve("nowhere.csv"),
                  "--set",
                  "mlflow.tracking-uri=http://127.0.0.1:9",
                  "--result",
                  folder.resolve("result.json").toString()));
      if (value.endsWith("huber")) {
        words.addAll(List.of("--set", "learning.elastic-net-param=0"));
      }
      words.addAll(List.of(mode));
      JobRunner runner = new JobRunner("tune", new TuningJob(), SUBMITTED, Clock.systemUTC());

      assertThat(runner.run(words.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
      assertThat(result().get("error").asText()).startsWith(error);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--lamda, '--lamda'; did you mean --lambda?",
    "--dryrun, '--dryrun'; did you mean --dry-run?",
    "--lamda=1, '--lamda=1'; did you mean --lambda?"
  })
  void aMisspeltOptionIsAnsweredWithTheNearest(String option, String error) throws IOException {
    String file = folder.resolve("result.json").toString();
    JobRunner runner = new JobRunner("train", new TrainingJob(), SUBMITTED, Clock.systemUTC());
    assertThat(runner.run(new String[] {"--result", file, option})).isEqualTo(ExitCode.USAGE);
    assertThat(result().get("error").asText()).endsWith(error);
  }

  @Test
  void aPenaltyIsNotPassedOver() throws IOException {
    String file = folder.resolve("result.json").toString();
    JobRunner runner = new JobRunner("score", new BatchScoringJob(), SUBMITTED, Clock.systemUTC());
    assertThat(runner.run(new String[] {"--result", file, "--lambda", "5"}))
        .isEqualTo(ExitCode.USAGE);
    assertThat(result().get("error").asText())
        .isEqualTo("--alpha and --lambda are for train and retrain");
  }

  @Test
  void helpHasTheOptionsThatMeanSomethingToTheCommand() {
    assertThat(help(new JobRunner("train", new TrainingJob(), SUBMITTED, Clock.systemUTC())))
        .contains("--lambda", "--alpha", "mlflow.outbox-dir");
    assertThat(help(new JobRunner("tune", new TuningJob(), SUBMITTED, Clock.systemUTC())))
        .contains("--dry-run", "mlflow.outbox-dir")
        .doesNotContain("--lambda", "--alpha");
    assertThat(help(new JobRunner("promote", new PromotionJob(), SUBMITTED, Clock.systemUTC())))
        .contains("--dry-run", "--reason")
        .doesNotContain("--lambda", "--alpha", "outbox");
  }

  private static String help(JobRunner runner) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      assertThat(runner.run(new String[] {"--help"})).isEqualTo(ExitCode.DONE);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void sparksCheckedExceptionsAreFailuresLikeOthers() throws IOException {
    assertThat(
            run(
                SUBMITTED,
                context -> {
                  throw new SparkException("a task was lost");
                }))
        .isEqualTo(ExitCode.FAILED);
    assertThat(result().get("status").asText()).isEqualTo("failed");
    assertThat(result().get("error").asText()).contains("a task was lost");
  }

  @Test
  void underSparkSubmitTheSessionEndsWithTheJob() {
    SparkSession session = spark();
    run(SUBMITTED, context -> JobStatus.TRAINED);
    assertThat(session.sparkContext().isStopped()).isTrue();
  }

  @Test
  void onDatabricksAFailureIsThrownAndTheSessionLives() throws IOException {
    SparkSession session = spark();
    assertThatThrownBy(
            () ->
                run(
                    DATABRICKS,
                    context -> {
                      throw new SparkException("a task was lost");
                    }))
        .isInstanceOf(SparkException.class);
    assertThat(result().get("status").asText()).isEqualTo("failed");
    assertThatThrownBy(
            () -> runner(DATABRICKS, context -> JobStatus.TRAINED).run(new String[] {"--nonsense"}))
        .hasMessageContaining("--nonsense");
    assertThat(run(DATABRICKS, context -> JobStatus.TRAINED)).isEqualTo(ExitCode.DONE);
    assertThat(session.sparkContext().isStopped()).isFalse();
  }

  @Test
  void aJavaThatNobodyHasTriedIsRefusedInOneLine() {
    JobRunner.requireJava(17);
    JobRunner.requireJava(21);
    assertThatThrownBy(() -> JobRunner.requireJava(25))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "This is Java 25; the jobs, Spark and Delta are tested on Java 17 and 21. Set JAVA_HOME to one of them.");
  }

  /** JobRunner's main sets the locale of its own JVM; on Databricks it may not. */
  @Test
  void aLocaleWithOtherDigitsIsRefusedByNameBeforeAnythingIsDone() throws IOException {
    Body body =
        context -> {
          throw new AssertionError("the job ran");
        };
    assertThatThrownBy(() -> LocaleOfNumbers.in("ar-EG-u-nu-arab", () -> run(DATABRICKS, body)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(
            "The locale of this JVM, ar-EG-u-nu-arab, writes numbers with other digits")
        .hasMessageContaining("Add -Duser.language=en to spark.driver.extraJavaOptions");
    assertThat(result().get("status").asText()).isEqualTo("failed");
  }

  @Test
  void aResultOfAnEarlierJobIsGoneBeforeTheWorkBegins() throws IOException {
    Files.writeString(folder.resolve("result.json"), "{\"status\": \"registered\"}");
    run(
        SUBMITTED,
        context -> {
          assertThat(result().get("status").asText()).isEqualTo("failed");
          assertThat(result().get("error").asText())
              .isEqualTo("The job did not end: it is still running, or it was killed");
          return JobStatus.TRAINED;
        });
    assertThat(result().get("status").asText()).isEqualTo("trained");
  }

  @Test
  void aResultThatCannotBeWrittenEndsTheJobBeforeItBegins() {
    boolean[] ran = {false};
    ExitCode code =
        runner(
                SUBMITTED,
                context -> {
                  ran[0] = true;
                  return JobStatus.TRAINED;
                })
            .run(new String[] {"--result", folder.resolve("none/result.json").toString()});
    assertThat(code).isEqualTo(ExitCode.USAGE);
    assertThat(ran[0]).isFalse();
  }

  @Test
  void aDiskThatIsFullIsSaidInOneSentence() throws IOException {
    ExitCode code =
        runner(
                SUBMITTED,
                context -> {
                  try {
                    // a disk of Linux that is always full
                    Files.writeString(Path.of("/dev/full"), "a row");
                    return JobStatus.TRAINED;
                  } catch (IOException e) {
                    throw new IllegalStateException("task failed", new IOError(e));
                  }
                })
            .run(new String[] {"--result", folder.resolve("result.json").toString()});
    assertThat(code).isEqualTo(ExitCode.FAILED);
    assertThat(result().get("error").asText())
        .startsWith("A disk is full or read-only (No space left on device). Make room, or")
        .contains(System.getProperty("java.io.tmpdir"));
  }

  @Test
  void anAssignmentWithoutAnEqualsSignIsAMisuseThatIsNotRepeated() throws IOException {
    ExitCode code =
        runner(SUBMITTED, context -> JobStatus.TRAINED)
            .run(
                new String[] {
                  "--set", "SECRET", "--result", folder.resolve("result.json").toString()
                });
    assertThat(code).isEqualTo(ExitCode.USAGE);
    assertThat(result().get("error").asText()).contains("key=value").doesNotContain("SECRET");
  }

  /** A job without Spark and with an option. */
  private static final class Named implements DriverJob {

    private static final class Words {
      @CommandLine.Option(names = "--version")
      private String version = "none";
    }

    private final Words words = new Words();

    @Override
    public Optional<Object> options() {
      return Optional.of(words);
    }

    @Override
    public JobStatus run(DriverContext context) {
      assertThat(words.version).isEqualTo("3");
      return JobStatus.PROMOTED;
    }

    @Override
    public void rehearse(DriverContext context) {
      assertThat(words.version).isEqualTo("4");
    }
  }

  private ExitCode errand(String... words) {
    return new JobRunner("test", new Named(), SUBMITTED, Clock.systemUTC()).run(words);
  }

  @Test
  void anErrandHasItsOwnOptionsAndLeavesTheSessionAlone() throws IOException {
    SparkSession session = spark();
    String file = folder.resolve("result.json").toString();
    assertThat(errand("--version", "3", "--result", file)).isEqualTo(ExitCode.DONE);
    assertThat(result().get("status").asText()).isEqualTo("promoted");
    assertThat(errand("--version", "4", "--dry-run", "--result", file)).isEqualTo(ExitCode.DONE);
    assertThat(result().get("status").asText()).isEqualTo("dry-run");
    assertThat(errand("-V")).isEqualTo(ExitCode.DONE);
    assertThat(errand("--version")).isEqualTo(ExitCode.USAGE);
    assertThat(session.sparkContext().isStopped()).isFalse();
  }

  private ExitCode run(Map<String, String> environment, Body body) {
    SparkTest.session(); // the run before may have stopped it
    return runner(environment, body)
        .run(new String[] {"--result", folder.resolve("result.json").toString()});
  }

  private static JobRunner runner(Map<String, String> environment, Body body) {
    SparkJob job =
        new SparkJob() {
          @Override
          public JobStatus run(JobContext context) {
            try {
              return body.run(context);
            } catch (Exception e) {
              throw JobRunnerTest.<RuntimeException>sneaky(e);
            }
          }

          @Override
          public void rehearse(JobContext context) {
            throw new AssertionError("no dry run was asked for");
          }
        };
    return new JobRunner("test", job, environment, Clock.systemUTC());
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
    throw (E) e;
  }

  private JsonNode result() throws IOException {
    return new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("result.json")));
  }
}
