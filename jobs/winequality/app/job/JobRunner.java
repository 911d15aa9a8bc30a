package winequality.app.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import winequality.ExitCode;
import winequality.config.SettingValues;
import winequality.config.Settings;
import winequality.config.SettingsLoader;

/**
 * Runs a job as a main class: command line, settings, session, result file, exit code.
 *
 * <p>Under spark-submit the JVM ends with the {@link ExitCode}. On Databricks the session and the
 * JVM go on, and a failure is thrown, because that is how a JAR task fails.
 */
public final class JobRunner {

  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

  /** The commands whose result is kept in the outbox if MLflow cannot take it. */
  private static final Set<String> LEARNING = Set.of("train", "tune", "retrain");

  private final String name;
  private final Job<?> job;
  private final Map<String, String> environment;
  private final Clock clock;
  private final JobOptions options = new JobOptions();
  private final AtomicBoolean stopped = new AtomicBoolean();

  public JobRunner(String name, Job<?> job, Map<String, String> environment, Clock clock) {
    this.name = name;
    this.job = job;
    this.environment = environment;
    this.clock = clock;
  }

  /** The body of a main method. */
  public static void main(String name, Job<?> job, String[] args) {
    JobRunner runner = new JobRunner(name, job, System.getenv(), Clock.systemUTC());
    if (Sessions.onDatabricks(System.getenv())) {
      runner.run(args);
      return;
    }
    // Delta and Spark write numbers in names of files and in SQL with the digits of the locale
    Locale.setDefault(Locale.ROOT);
    AtomicBoolean ended = new AtomicBoolean();
    // Spark's own hook stops the context, and every stage that runs then logs its stack trace
    ShutdownHookManager.get()
        .addShutdownHook(
            () -> {
              if (!ended.get()) {
                Configurator.setAllLevels("org.apache", Level.OFF);
                runner.logStopped();
                // Scala's futures print, past the logger, what Spark's stopped pools refuse
                System.setErr(new PrintStream(OutputStream.nullOutputStream(), true, UTF_8));
              }
            },
            Integer.MAX_VALUE);
    ExitCode code = runner.run(args);
    ended.set(true);
    System.exit(code.code());
  }

  /** Runs the job; on Databricks a failure is thrown. */
  public ExitCode run(String[] args) {
    CommandLine commandLine = new CommandLine(spec()).setCommandName(name);
    JobReport report = new JobReport();
    try {
      // null if the command line asks neither for help nor for the version
      if (CommandLine.executeHelpRequest(commandLine.parseArgs(args)) != null) {
        return ExitCode.DONE;
      }
    } catch (ParameterException e) {
      return failed(report, Optional.of(ExitCode.USAGE), advised(e, commandLine.getCommandSpec()));
    }
    try {
      requireJava(Runtime.version().feature());
      requireWesternDigits();
      Settings settings = new SettingsLoader().load(options.source(environment));
      if (options.printConfig) {
        System.out.print(settings.rendered());
        return ExitCode.DONE;
      }
      if (job instanceof SparkJob) {
        report.params(settings.learning());
      }
      // written early: shows that the path works, and replaces the result of an earlier job
      report.failure("The job did not end: it is still running, or it was killed");
      writeOrRefuse(report);
      job.require(options, settings);
      if (options.choosePenalty() && !job.takesPenalty()) {
        throw new UsageException("--alpha and --lambda are for train and retrain");
      }
      report.ended(
          job instanceof SparkJob inSpark
              ? inSession(inSpark, settings, report)
              : run(
                  (DriverJob) job,
                  new DriverContext(settings, report, clock, environment, mainClass())));
      write(report);
      return ExitCode.DONE;
    } catch (Throwable e) {
      // also catches Spark's checked exceptions, which Scala does not declare
      Throwable reason = LibraryFailures.advised(e);
      return failed(report, LibraryFailures.exitCode(reason), reason);
    }
  }

  private CommandSpec spec() {
    CommandSpec spec = CommandSpec.forAnnotatedObject(options);
    job.options().ifPresent(own -> spec.addMixin("own", CommandSpec.forAnnotatedObject(own)));
    if (!LEARNING.contains(name)) {
      spec.usageMessage().footer(new String[0]);
    }
    if (!job.takesPenalty()) {
      // parsed all the same, to say what they are for
      for (String penalty : List.of("--alpha", "--lambda")) {
        OptionSpec option = spec.findOption(penalty);
        spec.remove(option);
        spec.addOption(OptionSpec.builder(option).hidden(true).build());
      }
    }
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    // if --version names a version of the model, the program's version is -V only
    OptionSpec.Builder version =
        spec.findOption("--version") == null
            ? OptionSpec.builder("-V", "--version")
            : OptionSpec.builder("-V");
    spec.addOption(
        version.versionHelp(true).description("Print version information and exit.").build());
    return spec;
  }

  /** With the option that is nearest to an unknown one. */
  private static Exception advised(ParameterException e, CommandSpec spec) {
    String option =
        e instanceof UnmatchedArgumentException found ? found.getUnmatched().get(0) : "";
    List<String> known =
        spec.options().stream()
            .filter(each -> !each.hidden())
            .map(OptionSpec::longestName)
            .toList();
    return option.startsWith("--")
        ? new UsageException(
            "%s; did you mean %s?"
                .formatted(
                    e.getMessage(), SettingValues.nearest(option.replaceAll("=.*", ""), known)))
        : e;
  }

  private <C> JobStatus run(Job<C> work, C context) {
    if (options.dryRun) {
      work.rehearse(context);
      LOG.info("{}: the dry run found no problem and wrote nothing", name);
      return JobStatus.DRY_RUN;
    }
    return work.run(context);
  }

  private JobStatus inSession(SparkJob work, Settings settings, JobReport report) {
    settings.caller().url().ifPresent(url -> LOG.info("{} was started by {}", name, url));
    try (ProgressLine line = ProgressLine.of(environment)) {
      line.begin("starting Spark", System.nanoTime());
      return inSession(
          Sessions.open(environment, "wine-quality " + name), line, work, settings, report);
    }
  }

  private JobStatus inSession(
      SparkSession spark, ProgressLine line, SparkJob work, Settings settings, JobReport report) {
    line.end();
    try (StageMeter meter = new StageMeter(spark, line)) {
      String jobId = UUID.randomUUID().toString();
      try {
        return run(work, new JobContext(settings, spark, meter, report, clock, jobId, mainClass()));
      } finally {
        report.stages(meter.costs());
      }
    } finally {
      if (!Sessions.onDatabricks(environment)) {
        spark.stop();
      }
    }
  }

  private String mainClass() {
    return job.getClass().getName();
  }

  /** Reports a failure; one that is not foreseen is logged with its stack trace. */
  private ExitCode failed(JobReport report, Optional<ExitCode> foreseen, Throwable reason) {
    ExitCode code = foreseen.orElse(ExitCode.FAILED);
    String message = String.valueOf(reason.getMessage());
    if (endingBySignal()) {
      // Spark was stopped while the job ran, so the exception does not tell the cause
      report.failure("The job was stopped by a signal");
      write(report);
      logStopped();
      return code;
    }
    if (foreseen.isPresent()) {
      report.failure(message);
      LOG.error("{} failed: {}", name, message);
    } else {
      report.failure(reason.getClass().getSimpleName() + ": " + message);
      LOG.error("{} failed", name, reason);
    }
    write(report);
    if (Sessions.onDatabricks(environment)) {
      throw JobRunner.<RuntimeException>asUnchecked(reason);
    }
    return code;
  }

  /** Says it once: the hook at the JVM's end and the thread of the job may both come here. */
  private void logStopped() {
    if (stopped.compareAndSet(false, true)) {
      LOG.error("{} was stopped by a signal", name);
    }
  }

  static void requireJava(int version) {
    if (version != 17 && version != 21) {
      throw new UsageException(
          "This is Java %d; the jobs, Spark and Delta are tested on Java 17 and 21. Set JAVA_HOME to one of them."
              .formatted(version));
    }
  }

  /** On Databricks the JVM belongs to the platform, so the job must not set its locale. */
  private static void requireWesternDigits() {
    if (!"%d".formatted(0).equals("0")) {
      throw new UsageException(
          "The locale of this JVM, %s, writes numbers with other digits than 0 to 9, and Delta names the files of its log by numbers, so nobody could read the tables. Add -Duser.language=en to spark.driver.extraJavaOptions and spark.executor.extraJavaOptions of the cluster."
              .formatted(Locale.getDefault(Locale.Category.FORMAT).toLanguageTag()));
    }
  }

  /** Whether the JVM is shutting down, which only a signal or another thread's exit can cause. */
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

  /** Throws the exception itself, also a checked one: the platform shows what it catches. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException asUnchecked(Throwable reason) throws E {
    throw (E) reason;
  }

  private void writeOrRefuse(JobReport report) {
    if (options.result().isPresent()) {
      try {
        report.write(options.result().get());
      } catch (IOException e) {
        throw new UsageException(
            "--result %s cannot be written (%s). Give a path in a folder that exists and may be written."
                .formatted(options.result().get(), e));
      }
    }
  }

  private void write(JobReport report) {
    try {
      writeOrRefuse(report);
    } catch (UsageException e) {
      LOG.error("{} This does not change the job's outcome.", e.getMessage());
    }
  }
}
