package testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.package$;

/**
 * The Python environment with MLflow and PySpark that the integration tests compare with: the one
 * that {@code WINE_PYTHON_ENV} names, else the launcher's own, which is made on first use.
 */
public final class PythonEnv {

  /**
   * {@code SPARK_SUBMIT_OPTS} for the drivers of small jobs, which end before the second compiler
   * or compiled queries pay. A collector is not among them: the launcher chooses one, and two are
   * an error. {@code -Xshare:auto} is the default, and keeps the launcher from making an archive.
   */
  public static final String SHORT_LIVED =
      "-Xshare:auto -XX:TieredStopAtLevel=1 -Dspark.sql.codegen.wholeStage=false"
          + " -Dspark.sql.codegen.factoryMode=NO_CODEGEN";

  private static final Duration LONGEST_SET_UP = Duration.ofMinutes(20);

  private PythonEnv() {}

  /**
   * The environment's folder, with {@code bin/python} in it.
   *
   * @throws IllegalStateException if there is none and none could be made
   */
  public static Path venv() {
    String named = System.getenv("WINE_PYTHON_ENV");
    return named != null && !named.isBlank() ? checked(Path.of(named)) : Launcher.VENV;
  }

  /** The environment with a version of the MLflow server, which is made on first use. */
  static Path server(ServerKind kind) {
    return kind.equals(ServerKind.USUAL)
        ? venv()
        : made("src/test/resources/servers/mlflow-" + kind.version() + ".txt");
  }

  /**
   * Runs a script and gives what it printed on its standard output.
   *
   * <p>The script runs in a folder of its own that is removed afterwards, with the environment's
   * programs first on the path, the tests' JDK as {@code JAVA_HOME} and no foreign {@code
   * SPARK_HOME}; all processes it started are ended with it.
   *
   * @param script a file below {@code src/test/resources/python}
   * @param limit after which it is stopped and the call fails
   * @throws IllegalStateException with the script's standard error, if it fails or takes too long
   */
  public static String run(Path script, Duration limit, String... arguments) {
    Path venv = venv();
    List<String> command = new ArrayList<>();
    command.add(venv.resolve("bin/python").toString());
    command.add(script.toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    return stdout(command, List.of(venv.resolve("bin").toString()), limit);
  }

  /** The home of the environment's Spark, with {@code bin/spark-submit} in it. */
  public static Path spark() throws IOException {
    try (Stream<Path> found =
        Files.find(
            venv().resolve("lib"),
            3,
            (path, attributes) -> path.endsWith("site-packages/pyspark"))) {
      return found.findFirst().orElseThrow();
    }
  }

  /** The jars of Delta for the Spark of the tests. */
  public static List<String> delta() throws IOException {
    Path folder = Path.of("target", "delta", package$.MODULE$.SPARK_VERSION().substring(0, 3));
    try (Stream<Path> jars = Files.list(folder)) {
      return jars.map(jar -> jar.toAbsolutePath().toString()).toList();
    }
  }

  private static String stdout(List<String> command, List<String> path, Duration limit) {
    try {
      Path folder = Files.createTempDirectory("python-");
      try {
        return stdout(command, path, limit, folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new IllegalStateException("Could not start " + command + ": " + e.getMessage(), e);
    }
  }

  private static String stdout(List<String> command, List<String> path, Duration limit, Path folder)
      throws IOException {
    // into files: a process that fills a pipe nobody reads would hang
    Path out = folder.resolve("stdout");
    Path err = folder.resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Files.createDirectory(folder.resolve("work")).toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    List<String> programs = new ArrayList<>(path);
    programs.add(environment.getOrDefault("PATH", "/usr/bin:/bin"));
    environment.put("PATH", String.join(":", programs));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("SPARK_SUBMIT_OPTS", SHORT_LIVED);
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("TMPDIR", folder.toString());
    environment.put("MLFLOW_DFS_TMP", folder.resolve("dfs").toString());
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    environment.remove("SPARK_HOME");
    Process process = builder.start();
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            command + " did not end within " + limit + "; its standard error:\n" + text(err));
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(
            command + " ended with " + process.exitValue() + ":\n" + text(err));
      }
      return text(out);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + command, e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Path checked(Path venv) {
    if (!Files.isExecutable(venv.resolve("bin/python"))) {
      throw new IllegalStateException(
          "There is no bin/python in "
              + venv
              + "; unset WINE_PYTHON_ENV or let it name a virtual environment with MLflow and"
              + " PySpark");
    }
    return venv.toAbsolutePath();
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private static void delete(Path folder) throws IOException {
    try (var tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Asked for once, and only where no environment is named. */
  private static final class Launcher {

    static final Path VENV = made();
  }

  /** What {@code python-env} makes from a lock; without one, the launcher's environment. */
  private static Path made(String... lock) {
    List<String> command = new ArrayList<>();
    command.add(Path.of("deploy/local/python-env").toAbsolutePath().toString());
    Stream.of(lock).forEach(file -> command.add(Path.of(file).toAbsolutePath().toString()));
    List<String> lines = stdout(command, List.of(), LONGEST_SET_UP).strip().lines().toList();
    return checked(Path.of(lines.get(lines.size() - 1)));
  }
}
