package winequality.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.app.job.JobContext;
import winequality.app.job.JobReport;
import winequality.app.job.JobRunner;
import winequality.app.job.SparkJob;
import winequality.app.job.StageMeter;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;

/** Runs jobs as their main classes do, in the tests' session, and returns their result files. */
final class JobRuns {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SparkSession spark;
  private final Path folder;
  private final List<String> common;
  private final Map<String, String> environment;

  /**
   * @param common assignments such as {@code data.table=/tmp/x} for every job
   */
  JobRuns(SparkSession spark, Path folder, String... common) {
    this(spark, folder, List.of(common), Map.of());
  }

  private JobRuns(
      SparkSession spark, Path folder, List<String> common, Map<String, String> environment) {
    this.spark = spark;
    this.folder = folder;
    this.common = common;
    this.environment = environment;
  }

  /** The same jobs with variables of the environment, for {@link #run} and {@link #promotion}. */
  JobRuns in(Map<String, String> variables) {
    return new JobRuns(spark, folder, common, variables);
  }

  /** Runs a job and returns its result; rethrows its failure. */
  JsonNode run(SparkJob job, String... assignments) {
    JobReport report = new JobReport();
    run(job, report, assignments);
    return json(report, folder);
  }

  /** The same with a report that the caller has also if the job fails. */
  void run(SparkJob job, JobReport report, String... assignments) {
    List<String> texts = new ArrayList<>(common);
    texts.addAll(List.of(assignments));
    run(job, TrainingJob.class, spark, report, settings(texts, environment));
  }

  /** Runs a job and reports its status and its stages; rethrows its failure. */
  static void run(
      SparkJob job, Class<?> main, SparkSession spark, JobReport report, Settings settings) {
    try (StageMeter meter = new StageMeter(spark)) {
      report.ended(
          job.run(
              new JobContext(
                  settings,
                  spark,
                  meter,
                  report,
                  Clock.systemUTC(),
                  UUID.randomUUID().toString(),
                  main.getName())));
      report.stages(meter.costs());
    }
  }

  /** Runs {@link PromotionJob} with a command line. */
  Outcome promotion(String... words) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("GITHUB_ACTOR", "ada");
    return through(
        new JobRunner("promote", new PromotionJob(), variables, Clock.systemUTC()), words);
  }

  /**
   * Runs {@link TrainingJob} with a command line. The runner stops the session, as under
   * spark-submit.
   */
  Outcome training(String... words) {
    SparkTest.session();
    return through(new JobRunner("train", new TrainingJob(), Map.of(), Clock.systemUTC()), words);
  }

  /** {@link RetrainingJob} likewise. */
  Outcome retraining(String... words) {
    SparkTest.session();
    return through(
        new JobRunner("retrain", new RetrainingJob(), Map.of(), Clock.systemUTC()), words);
  }

  /** {@link ReproductionJob} likewise. */
  Outcome reproduction(String... words) {
    SparkTest.session();
    return through(
        new JobRunner("reproduce", new ReproductionJob(), Map.of(), Clock.systemUTC()), words);
  }

  private Outcome through(JobRunner runner, String... words) {
    Path file = folder.resolve("outcome-" + UUID.randomUUID() + ".json");
    List<String> all = new ArrayList<>(List.of(words));
    common.forEach(text -> all.addAll(List.of("--set", text)));
    all.addAll(List.of("--result", file.toString()));
    ExitCode code = runner.run(all.toArray(String[]::new));
    try {
      return new Outcome(code, JSON.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Exit code and result file. */
  record Outcome(ExitCode code, JsonNode result) {
    String error() {
      return result.get("error").asText();
    }
  }

  /** The settings of assignments such as {@code data.table=/tmp/x}. */
  static Settings settings(List<String> assignments, Map<String, String> environment) {
    return new SettingsLoader()
        .load(
            new SettingsSource(
                Optional.empty(),
                assignments.stream()
                    .map(
                        text -> {
                          int equals = text.indexOf('=');
                          return new Assignment(
                              "--set " + text,
                              text.substring(0, equals),
                              text.substring(equals + 1));
                        })
                    .toList(),
                environment));
  }

  /** The content of a report's result file. */
  static JsonNode json(JobReport report, Path folder) {
    try {
      Path file = folder.resolve("result-" + UUID.randomUUID() + ".json");
      report.write(file);
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
