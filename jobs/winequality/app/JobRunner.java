package winequality.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import winequality.config.InvalidSettingsException;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.data.DataRefusedException;
import winequality.learning.LearningException;
import winequality.metrics.EvaluationException;
import winequality.mlflow.MlflowException;

/**
 * Runs a job as a main class: command line, settings, session, result file, exit code.
 *
 * <p>Under spark-submit the JVM ends with the code of {@link ExitCode}. On Databricks nothing is
 * stopped or exited, a failure is thrown: that is how a JAR task fails there.
 */
final class JobRunner {

  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

  /** What a job does between command line and result file. */
  sealed interface Work permits Job, Errand {

    /** Options besides those of every job, as an object for picocli. */
    default Optional<Object> options() {
      return Optional.empty();
    }

    /**
     * Passes if the job can be done with what it is told, by that alone.
     *
     * @throws UsageException if not; before a session is opened or anything is looked at
     */
    default void require(JobOptions given, Settings settings) {}
  }

  /** Work in a Spark session. */
  non-sealed interface Job extends Work {
    JobStatus run(JobContext context);

    /** Checks what the job needs and writes nothing. */
    void rehearse(JobContext context);
  }

  /** Work without Spark, so that it begins at once, and works where Spark does not. */
  non-sealed interface Errand extends Work {
    JobStatus run(ErrandContext context);

    /** Checks what the job needs and writes nothing. */
    void rehearse(ErrandContext context);
  }

  @Command(versionProvider = BuildInfo.class, sortOptions = false, usageHelpWidth = 100)
  private static final class JobCommand {
    @Mixin private final JobOptions options = new JobOptions();
  }

  private final String name;
  private final Class<?> mainClass;
  private final Work work;
  private final Map<String, String> environment;
  private final Clock clock;

  JobRunner(
      String name, Class<?> mainClass, Work work, Map<String, String> environment, Clock clock) {
    this.name = name;
    this.mainClass = mainClass;
    this.work = work;
    this.environment = environment;
    this.clock = clock;
  }

  /** The body of a main method. */
  static void main(String name, Class<?> mainClass, Work work, String[] args) {
    Map<String, String> environment = System.getenv();
    JobRunner runner = new JobRunner(name, mainClass, work, environment, Clock.systemUTC());
    ExitCode code = runner.run(args);
    if (Platform.of(environment) == Platform.SPARK_SUBMIT) {
      System.exit(code.code());
    }
  }

  /** Runs the job; on Databricks a failure is thrown. */
  ExitCode run(String[] args) {
    JobCommand command = new JobCommand();
    CommandLine commandLine = new CommandLine(spec(command)).setCommandName(name);
    try {
      CommandLine.ParseResult parsed = commandLine.parseArgs(args);
      if (parsed.isUsageHelpRequested()) {
        commandLine.usage(System.out);
        return ExitCode.DONE;
      }
      if (parsed.isVersionHelpRequested()) {
        commandLine.printVersionHelp(System.out);
        return ExitCode.DONE;
      }
    } catch (ParameterException e) {
      return failed(new JobReport(), command.options.result(), ExitCode.USAGE, e);
    }
    JobReport report = new JobReport();
    Optional<Path> file = command.options.result();
    try {
      Settings settings = new SettingsLoader().load(command.options.source(environment));
      if (command.options.printConfig()) {
        System.out.print(settings.rendered());
        return ExitCode.DONE;
      }
      if (work instanceof Job) {
        report.params(settings.learning());
      }
      // before anything is done: the path is proved, and a job that is killed leaves no old success
      report.failure("The job has not ended");
      writeOrRefuse(report, file);
      work.require(command.options, settings);
      boolean dryRun = command.options.dryRun();
      JobStatus status =
          work instanceof Job job
              ? inSession(job, settings, report, dryRun)
              : alone((Errand) work, settings, report, dryRun);
      report.ended(status);
      write(report, file);
      return ExitCode.DONE;
    } catch (Throwable e) {
      // Spark's checked exceptions too, which Scala throws without saying so
      return failed(report, file, code(e), e);
    }
  }

  private CommandSpec spec(JobCommand command) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(command);
    work.options().ifPresent(own -> spec.addMixin("own", CommandSpec.forAnnotatedObject(own)));
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    // where --version names a version of the model, the program's own has the short name alone
    String[] names =
        spec.findOption("--version") == null
            ? new String[] {"-V", "--version"}
            : new String[] {"-V"};
    spec.addOption(
        OptionSpec.builder(names)
            .versionHelp(true)
            .description("Print version information and exit.")
            .build());
    return spec;
  }

  private JobStatus alone(Errand errand, Settings settings, JobReport report, boolean dryRun) {
    ErrandContext context =
        new ErrandContext(settings, report, clock, environment, mainClass.getName());
    if (dryRun) {
      errand.rehearse(context);
      return JobStatus.DRY_RUN;
    }
    return errand.run(context);
  }

  private JobStatus inSession(Job job, Settings settings, JobReport report, boolean dryRun) {
    settings.caller().url().ifPresent(url -> LOG.info("{} was started by {}", name, url));
    Platform platform = Platform.of(environment);
    SparkSession spark = Sessions.open(platform, "wine-quality " + name);
    try (StageMeter meter = new StageMeter(spark)) {
      JobContext context =
          new JobContext(
              settings,
              spark,
              meter,
              report,
              clock,
              UUID.randomUUID().toString(),
              mainClass.getName());
      try {
        if (dryRun) {
          job.rehearse(context);
          return JobStatus.DRY_RUN;
        }
        return job.run(context);
      } finally {
        report.stages(meter.costs());
      }
    } finally {
      if (platform == Platform.SPARK_SUBMIT) {
        spark.stop();
      }
    }
  }

  private static ExitCode code(Throwable e) {
    if (e instanceof InvalidSettingsException || e instanceof UsageException) {
      return ExitCode.USAGE;
    }
    if (e instanceof DataRefusedException
        || e instanceof LearningException
        || e instanceof EvaluationException) {
      return ExitCode.DATA_REFUSED;
    }
    return e instanceof MlflowException ? ExitCode.TRACKING : ExitCode.FAILED;
  }

  private ExitCode failed(JobReport report, Optional<Path> file, ExitCode code, Throwable reason) {
    if (endingBySignal()) {
      // Spark has been stopped under the job: what it threw says nothing of the cause
      report.failure("The job was stopped by a signal");
      write(report, file);
      LOG.error("{} was stopped by a signal", name);
      return code;
    }
    String message = String.valueOf(reason.getMessage());
    boolean unforeseen = code == ExitCode.FAILED && !(reason instanceof NotReproducedException);
    report.failure(unforeseen ? reason.getClass().getSimpleName() + ": " + message : message);
    write(report, file);
    if (unforeseen) {
      // nobody foresaw it: whoever looks into it needs the whole trace
      LOG.error("{} failed", name, reason);
    } else {
      LOG.error("{} failed: {}", name, message);
    }
    if (Platform.of(environment) == Platform.DATABRICKS) {
      throw JobRunner.<RuntimeException>asUnchecked(reason);
    }
    return code;
  }

  /** Whether the JVM is ending already, which only a signal or another thread's exit can cause. */
  private static boolean endingBySignal() {
    Thread probe = new Thread(() -> {}, "probe");
    try {
      Runtime.getRuntime().addShutdownHook(probe);
      Runtime.getRuntime().removeShutdownHook(probe);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  /** The exception itself, also a checked one: the platform shows what it is thrown. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException asUnchecked(Throwable reason) throws E {
    throw (E) reason;
  }

  private static void writeOrRefuse(JobReport report, Optional<Path> file) {
    if (file.isPresent()) {
      try {
        report.write(file.get());
      } catch (IOException e) {
        throw new UsageException(
            "--result %s cannot be written (%s). Give a path in a folder that exists and may be written."
                .formatted(file.get(), e));
      }
    }
  }

  private static void write(JobReport report, Optional<Path> file) {
    if (file.isEmpty()) {
      return;
    }
    try {
      report.write(file.get());
    } catch (IOException e) {
      LOG.error(
          "The result file {} could not be written ({}); the job's outcome is not changed by that. Give a path in a folder that exists.",
          file.get(),
          e.toString());
    }
  }
}
