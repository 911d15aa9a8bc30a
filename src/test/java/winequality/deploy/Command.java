package winequality.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that is run to its end, without what the machine's owner has set for MLflow. */
final class Command {

  /** Its exit code and what it wrote. */
  record Answer(int code, String out, String err) {}

  private Command() {}

  /** Skips the test, with the reason, where a program is not installed. */
  static void assumeInstalled(String program) {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(place -> Files.isExecutable(Path.of(place, program))),
        program + " is not installed");
  }

  static Answer run(List<String> command, Map<String, String> environment, String input)
      throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of("target", "commands"));
    Path in = Files.createTempFile(folder, "in", "");
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    try {
      Files.writeString(in, input);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().keySet().removeIf(name -> name.matches("(MLFLOW|DATABRICKS|PYTHON).*"));
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ended in time").isTrue();
      } finally {
        process.destroyForcibly();
      }
      return new Answer(
          process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    } finally {
      for (Path file : List.of(in, out, err)) {
        Files.delete(file);
      }
    }
  }
}
