package winequality.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static winequality.deploy.Bundle.list;
import static winequality.deploy.Bundle.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/**
 * The schedules outside Databricks, each looked at by what would read it: systemd's units by
 * systemd-analyze, the Spark operator's resource by the schema in its CRD, which comes from the Go
 * module of the operator. A test whose tool is not installed is skipped.
 */
class SchedulesIT {

  private static final Path UNITS = Path.of("deploy", "local", "schedule").toAbsolutePath();
  private static final Path RESOURCE = Path.of("deploy", "spark", "scheduled-retraining.yaml");
  private static final String OPERATOR = "github.com/kubeflow/spark-operator/v2@v2.3.0";
  private static final String OPERATOR_SUM = "h1:cYN/331gwkdZ0S/ai72JQoUv7UK52O2OQOWFpl8XhPc=";

  @TempDir Path folder;

  @Test
  void systemdTakesItsUnits() throws Exception {
    assertThat(verified("", "").strip()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "05:00:00 Europe/Lisbon, 25:00:00, Failed to parse calendar specification",
    "deploy/local/wine retrain, deploy/local/vine retrain, is not executable"
  })
  void systemdRefusesAWrongUnit(String old, String fresh, String said) throws Exception {
    assertThat(verified(old, fresh)).contains(said);
  }

  @Test
  void cronsLineHasItsFieldsAndACommandThatAShellUnderstands() throws Exception {
    List<String> lines =
        Files.readAllLines(UNITS.resolve("wine-retrain.cron")).stream()
            .filter(line -> line.matches("[0-9*].*"))
            .toList();
    assertThat(lines).hasSize(1);
    // in a file of /etc/cron.d the user stands behind the five fields of time; % would be a line's
    // end
    assertThat(lines.get(0)).matches("0 5 \\* \\* \\* wine cd .*").doesNotContain("%");
    String command = lines.get(0).replaceFirst("^(\\S+ ){6}", "");
    assertThat(run("bash", "-n", "-c", command)).isEmpty();
  }

  @Test
  void theSparkOperatorTakesItsResource() throws Exception {
    assertThat(problems(schema(), Files.readString(RESOURCE))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "timeZone:, timezone:, spec.timezone: there is no such field",
    "'schedule: \"0 5 * * *\"', suspend: false, spec: lacks schedule",
    "type: Scala, type: Jar, spec.template.type: Jar is none of",
    "instances: 2, instances: two, instances: two is no integer",
    "cores: 1, cores: 0, cores: 0 is less than 1"
  })
  void theSparkOperatorRefusesAWrongResource(String old, String fresh, String said)
      throws Exception {
    String text = Files.readString(RESOURCE);
    assertThat(text).contains(old);
    assertThat(problems(schema(), text.replace(old, fresh)))
        .anyMatch(problem -> problem.contains(said));
  }

  @Test
  void theJobsTakeTheParametersThatTheyAreGiven() throws Exception {
    Map<String, Object> template =
        map(map(map(new Yaml().load(Files.readString(RESOURCE))).get("spec")).get("template"));
    List<String> arguments = list(template.get("arguments")).stream().map(String::valueOf).toList();
    assertThat(JobStart.refused(String.valueOf(template.get("mainClass")), arguments, Map.of()))
        .isEmpty();
    for (String unit : List.of("wine-retrain.service", "wine-retrain.cron")) {
      Matcher call =
          Pattern.compile("deploy/local/wine (\\S+)((?: --\\S+ \\S+)+)")
              .matcher(Files.readString(UNITS.resolve(unit)));
      assertThat(call.find()).as(unit).isTrue();
      assertThat(call.group(1)).isEqualTo("retrain");
      String given =
          call.group(2)
              .strip()
              .replace("/etc/wine-quality/settings.conf", "conf/reference.conf")
              .replace("%n", unit)
              .replace("${INVOCATION_ID}", "0a1b2c");
      assertThat(
              JobStart.refused(
                  "winequality.app.RetrainingJob", List.of(given.split(" ", -1)), Map.of()))
          .isEmpty();
    }
  }

  private static List<String> problems(Map<String, Object> schema, String text) {
    Map<String, Object> resource = map(new Yaml().load(text));
    assertThat(resource)
        .containsEntry("apiVersion", "sparkoperator.k8s.io/v1beta2")
        .containsEntry("kind", "ScheduledSparkApplication");
    return CrdSchema.problems(
        map(map(schema.get("properties")).get("spec")), resource.get("spec"), "spec");
  }

  /** The schema of the operator's version that the resource is written for. */
  private static Map<String, Object> schema() throws Exception {
    Command.assumeInstalled("go");
    JsonNode module = new ObjectMapper().readTree(run("go", "mod", "download", "-json", OPERATOR));
    assertThat(module.get("Sum").asText()).isEqualTo(OPERATOR_SUM);
    Path crd =
        Path.of(
            module.get("Dir").asText(),
            "config/crd/bases/sparkoperator.k8s.io_scheduledsparkapplications.yaml");
    Map<String, Object> definition = map(new Yaml().load(Files.readString(crd)));
    for (Object version : list(map(definition.get("spec")).get("versions"))) {
      if ("v1beta2".equals(map(version).get("name"))) {
        return map(map(map(version).get("schema")).get("openAPIV3Schema"));
      }
    }
    throw new AssertionError("no v1beta2 in " + crd);
  }

  /** What systemd says of the units, with the project where it is here and one text replaced. */
  private String verified(String old, String fresh) throws Exception {
    Command.assumeInstalled("systemd-analyze");
    for (String unit : List.of("wine-retrain.service", "wine-retrain.timer")) {
      String text = Files.readString(UNITS.resolve(unit));
      text = old.isEmpty() ? text : text.replace(old, fresh);
      Files.writeString(
          folder.resolve(unit),
          text.replace("/opt/wine-quality", Path.of("").toAbsolutePath().toString()));
    }
    return run(
        "systemd-analyze",
        "verify",
        folder.resolve("wine-retrain.service").toString(),
        folder.resolve("wine-retrain.timer").toString());
  }

  /** Both streams of a program, whether it succeeds or not. */
  private static String run(String... command) throws IOException, InterruptedException {
    Command.Answer answer = Command.run(List.of(command), Map.of(), "");
    return answer.out() + answer.err();
  }
}
