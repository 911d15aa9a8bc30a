package winequality.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import testing.PythonEnv;

/** Starts a main class of the jar as a scheduler would, but for its settings to be printed only. */
final class JobStart {

  private JobStart() {}

  /** What the class says of its parameters, or nothing if it takes them. */
  static Optional<String> refused(
      String mainClass, List<String> parameters, Map<String, String> environment)
      throws IOException, InterruptedException {
    Command.Answer answer = printed(mainClass, parameters, environment);
    return answer.code() == 0 ? Optional.empty() : Optional.of(answer.err());
  }

  /** The settings that its parameters make, or why it refuses them. */
  static Command.Answer printed(
      String mainClass, List<String> parameters, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("winequality.jar")
                    + ":"
                    + PythonEnv.spark().resolve("jars")
                    + "/*",
                mainClass));
    command.addAll(parameters);
    command.add("--print-config");
    return Command.run(command, environment, "");
  }
}
