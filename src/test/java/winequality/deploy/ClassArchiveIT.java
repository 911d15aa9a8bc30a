package winequality.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The archive of classes that {@code deploy/local/wine} makes after a job, with a real JVM.
 *
 * <p>The launcher is copied into a project of its own, with a jar of a job that ends at once and a
 * spark-submit that only starts the JVM. Its path has no space: JDK 17 archives no classes of such
 * a path.
 */
class ClassArchiveIT {

  private static final String JOB = "winequality.app.TrainingJob";
  private static final String FITTED = "org.apache.spark.ml.regression.LinearRegressionModel";
  private static final String FROM_ARCHIVE = JOB + " source: shared objects file";
  private static final String DAMAGED = "is not as it was made, and is made again.";
  private static final Duration LONGEST_DUMP = Duration.ofMinutes(3);

  @TempDir Path scratch;

  private Path project;
  private Path jar;
  private Path archives;

  @BeforeEach
  void makeProject() throws IOException {
    assumeTrue(ToolProvider.getSystemJavaCompiler() != null, "this Java has no compiler");
    project = scratch.resolve("project");
    Path local = Files.createDirectories(project.resolve("deploy/local"));
    for (String file : List.of("wine", "python-env", "spark-defaults.conf")) {
      Files.copy(
          Path.of("deploy/local", file), local.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    for (String folder : List.of("jobs", "conf", "target/delta/4.0", "target/delta/4.1")) {
      Files.createDirectories(project.resolve(folder));
    }
    Files.writeString(project.resolve("pom.xml"), "<project/>");
    archives = project.resolve(".local/classes");
    jar = project.resolve("target/wine-quality-training-1.1.0.jar");
    writeJar("done");
    writeJar(project.resolve("target/delta/4.0/delta-spark.jar"), List.of());

    Files.createDirectories(scratch.resolve("spark/jars"));
    writeJar(scratch.resolve("spark/jars/spark-core_2.13-4.0.1.jar"), List.of());
    program(
        "spark/bin/spark-submit",
        """
        while [ $# -gt 0 ]; do
          case $1 in
            --class) main=$2 ;;
            --driver-class-path) path=$2 ;;
            --driver-java-options) options=$2 ;;
            --driver-memory) memory=$2 ;;
            --conf) case $2 in spark.driver.extraJavaOptions=*) options=${2#*=} ;; esac ;;
          esac
          shift
        done
        eval "exec '$JAVA_HOME/bin/java' $SPARK_SUBMIT_OPTS $options -Xmx$memory -cp '$path' $main"
        """);
    program("venv/bin/python", "exit 1");
    program("venv/bin/mlflow", "exit 1");
  }

  @Test
  void laterJobsTakeTheirClassesFromAnArchiveUntilTheJarChanges() throws Exception {
    assertThat(train("")).isEqualTo("done\n");
    Path archive = theArchive();
    assertThat(train("-Xlog:class+load")).containsPattern(FROM_ARCHIVE);

    byte[] bytes = Files.readAllBytes(archive);
    byte[] damaged = bytes.clone();
    Arrays.fill(damaged, bytes.length / 4, bytes.length / 2, (byte) 7);
    replace(archive, damaged);
    // what this job's JVM finds, the next job says
    assertThat(train("")).isEqualTo("done\n");
    assertThat(train("")).contains(DAMAGED).endsWith("done\n");
    assertThat(theArchive()).hasSize(bytes.length);
    // the JVM would crash
    replace(archive, Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(train("")).contains(DAMAGED).endsWith("done\n");
    assertThat(theArchive()).hasSize(bytes.length);
    assertThat(train("-Xlog:class+load")).containsPattern(FROM_ARCHIVE).doesNotContain(DAMAGED);

    writeJar("done again");
    assertThat(train("")).isEqualTo("done again\n");
    assertThat(theArchive()).isNotEqualTo(archive);
    assertThat(train("-Xlog:class+load")).containsPattern(FROM_ARCHIVE);
  }

  @Test
  void jobThatFitsNothingOrWantsNoArchiveMakesNone() throws Exception {
    writeJar(jar, List.of(JOB), "class TrainingJob { public static void main(String[] a) {} }");
    assertThat(train("")).isEmpty();
    writeJar("done");
    assertThat(train("-Xshare:auto")).isEqualTo("done\n");

    await(() -> Files.exists(archives) && names(".list").isEmpty());
    assertThat(names(".jsa")).isEmpty();
  }

  /** For all of these a JVM refuses, without a word, an archive that was made without them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--driver-memory=32g",
        "--driver-java-options=-XX:-CompactStrings -XX:ObjectAlignmentInBytes=16",
        "--conf=spark.driver.extraJavaOptions=-XX:+UseZGC -Xverify:all"
      })
  void jobWhoseJvmNeedsAnotherArchiveMakesItAndLeavesThatOfOtherJobs(String given)
      throws Exception {
    assertThat(train("")).isEqualTo("done\n");
    Path archive = theArchive();
    assertThat(train("", given)).isEqualTo("done\n");
    await(() -> names(".jsa").size() == 2 && names(".list").isEmpty());
    assertThat(archive).exists();
    assertThat(train("-Xlog:class+load", given)).containsPattern(FROM_ARCHIVE);
    assertThat(train("-Xlog:class+load -XX:+UseParallelGC")).containsPattern(FROM_ARCHIVE);
  }

  private static void replace(Path archive, byte[] bytes) throws IOException {
    Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-r--r--"));
    Files.write(archive, bytes);
  }

  private String train(String options, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(project.resolve("deploy/local/wine").toString(), "train"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(scratch.toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(WINE|MLFLOW|SPARK|LOG4J)_.*"));
    environment.put("SPARK_HOME", scratch.resolve("spark").toString());
    environment.put("SPARK_SUBMIT_OPTS", options);
    environment.put("WINE_VENV", scratch.resolve("venv").toString());
    environment.put("MLFLOW_TRACKING_URI", "http://127.0.0.1:9");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try (InputStream out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }

  /** The only archive, once the process in the background has ended. */
  private Path theArchive() throws Exception {
    await(() -> names(".jsa").size() == 1 && names(".list").isEmpty());
    return archives.resolve(names(".jsa").get(0));
  }

  private List<String> names(String ending) throws IOException {
    try (Stream<Path> files = Files.list(archives)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ending))
          .toList();
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws Exception {
    Instant end = Instant.now().plus(LONGEST_DUMP);
    while (!condition.holds()) {
      assertThat(Instant.now()).as("the archive is made in time").isBefore(end);
      Thread.sleep(100);
    }
  }

  private void writeJar(String says) throws IOException {
    writeJar(
        jar,
        List.of(JOB, FITTED),
        "class TrainingJob { public static void main(String[] a) {"
            + (" new " + FITTED + "(); System.out.println(\"" + says + "\"); } }"));
  }

  /** Writes a jar with these classes; the first has the body, the others are empty. */
  private void writeJar(Path file, List<String> classes, String... body) throws IOException {
    Path sources = Files.createTempDirectory(scratch, "classes");
    List<String> arguments = new ArrayList<>(List.of("-d", sources.toString()));
    for (String name : classes) {
      String simple = name.substring(name.lastIndexOf('.') + 1);
      String text = name.equals(JOB) ? body[0] : "class " + simple + " {}";
      Path source = Files.createDirectories(sources.resolve(name)).resolve(simple + ".java");
      Files.writeString(
          source, "package " + name.substring(0, name.lastIndexOf('.')) + "; public " + text);
      arguments.add(source.toString());
    }
    if (!classes.isEmpty()) {
      int code =
          ToolProvider.getSystemJavaCompiler()
              .run(null, null, null, arguments.toArray(String[]::new));
      assertThat(code).isZero();
    }
    try (OutputStream stream = Files.newOutputStream(file);
        JarOutputStream entries = new JarOutputStream(stream)) {
      entries.putNextEntry(new JarEntry("winequality/shaded/"));
      for (String name : classes) {
        String entry = name.replace('.', '/') + ".class";
        entries.putNextEntry(new JarEntry(entry));
        entries.write(Files.readAllBytes(sources.resolve(entry)));
      }
    }
    // newer than the sources, for the launcher; and not newer than the archive that is made of it
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
  }

  private void program(String name, String script) throws IOException {
    Path file = scratch.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
