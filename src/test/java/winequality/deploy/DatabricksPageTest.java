package winequality.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static winequality.deploy.Bundle.list;
import static winequality.deploy.Bundle.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands of docs/databricks.md from an empty workspace to a scheduled job, run by bash with a
 * {@code databricks} in their path that notes what it is asked: what they make is what the bundle
 * then wants. Whether the real tool takes them is not known.
 */
class DatabricksPageTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SECRET = Pattern.compile("\\{\\{secrets/([^}]+)}}");

  /** Arguments, one a line, then the environment and an empty line. */
  private static final String NOTING =
      """
      #!/usr/bin/env bash
      { for word in "$@"; do printf '%s\\n' "${word//$'\\n'/ }"; done
        echo --; pwd; env | grep -E '^(BUNDLE_VAR|DATABRICKS)_'; echo; } >> "$NOTES"
      """;

  @TempDir Path folder;

  private record Asked(List<String> words, String workingFolder, Map<String, String> environment) {

    boolean begins(String... first) {
      return words.size() >= first.length
          && words.subList(0, first.length).equals(Arrays.asList(first));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prod", "staging"})
  void whatTheCommandsMakeIsWhatTheBundleWants(String target) throws Exception {
    // behind those of the other target, in the same shell, as the page says
    List<Asked> both = run(target.equals("prod") ? "staging" : "prod", target);
    List<Asked> all = both.subList(both.size() / 2, both.size());
    assertThat(both.get(both.size() / 2).environment()).isEqualTo(both.get(0).environment());
    Asked deploy = one(all, "bundle", "deploy");
    assertThat(deploy.words()).endsWith("-t", target);
    Map<String, String> variables = new HashMap<>();
    deploy
        .environment()
        .forEach(
            (name, value) -> {
              if (name.startsWith("BUNDLE_VAR_")) {
                variables.put(name.substring("BUNDLE_VAR_".length()), value);
              }
            });
    Bundle bundle = Bundle.read(Path.of(deploy.workingFolder()), target, variables);
    Map<String, Map<String, Object>> jobs = bundle.resources("jobs");
    assertThat(bundle.at("workspace.root_path")).isPresent();
    assertThat(bundle.unresolved()).isEmpty();

    String catalog = one(all, "catalogs", "create").words().get(2);
    assertThat(bundle.value("catalog")).isEqualTo(catalog);
    assertThat(one(all, "schemas", "create").words()).endsWith(bundle.value("schema"), catalog);
    assertThat(all.stream().filter(asked -> asked.begins("volumes", "create")))
        .extracting(asked -> String.join(" ", asked.words().subList(2, 6)))
        .containsExactlyInAnyOrder(
            "%s %s %s MANAGED".formatted(catalog, bundle.value("schema"), bundle.value("volume")),
            "%s %s %s MANAGED"
                .formatted(catalog, bundle.value("schema"), bundle.value("jar_volume")));
    String volume =
        "/Volumes/%s/%s/%s/".formatted(catalog, bundle.value("schema"), bundle.value("volume"));
    assertThat(String.valueOf(bundle.at("workspace.artifact_path").orElseThrow()))
        .startsWith(
            "/Volumes/%s/%s/%s/"
                .formatted(catalog, bundle.value("schema"), bundle.value("jar_volume")));
    List<String> made =
        all.stream()
            .filter(asked -> asked.begins("fs", "mkdir"))
            .map(asked -> asked.words().get(2).replaceFirst("^dbfs:", "") + "/")
            .toList();
    jobs.forEach(
        (name, job) -> {
          String text = job.toString();
          // where it reads and where its result goes is there
          Matcher path =
              Pattern.compile(Pattern.quote(volume) + "(landing|results)/").matcher(text);
          while (path.find()) {
            assertThat(made).as("folders for the job " + name).contains(path.group());
          }
        });
    assertThat(made).contains(volume + "landing/", volume + "results/");
    assertThat(one(all, "fs", "cp").words()).contains("data/winequality-red.csv");

    String principal = variables.getOrDefault("service_principal", "");
    TreeSet<String> put = new TreeSet<>();
    all.stream()
        .filter(asked -> asked.begins("secrets", "put-secret"))
        .forEach(asked -> put.add(asked.words().get(2) + "/" + asked.words().get(3)));
    TreeSet<String> wanted = new TreeSet<>();
    Matcher secret = SECRET.matcher(jobs.toString());
    while (secret.find()) {
      wanted.add(secret.group(1));
    }
    assertThat(put).isEqualTo(wanted).hasSize(2);
    assertThat(one(all, "secrets", "put-acl").words())
        .endsWith(bundle.value("secret_scope"), principal, "READ");
    Asked group = one(all, "groups", "create");
    assertThat(group.words()).containsSequence("--display-name", bundle.value("operators"));
    JsonNode change = JSON.readTree(one(all, "grants", "update").words().get(5)).at("/changes/0");
    assertThat(one(all, "grants", "update").words()).contains(catalog);
    assertThat(change.path("principal").asText()).isEqualTo(principal);
    assertThat(change.path("add"))
        .extracting(JsonNode::asText)
        .contains("CREATE_MODEL", "CREATE_TABLE", "READ_VOLUME", "WRITE_VOLUME");
    assertThat(
            JSON.readTree(one(all, "service-principals", "create").words().get(3))
                .path("entitlements"))
        .extracting(entitlement -> entitlement.path("value").asText())
        .contains("allow-cluster-create");

    // who deploys is who the jobs are
    assertThat(deploy.environment())
        .containsEntry("DATABRICKS_CLIENT_ID", principal)
        .containsEntry("DATABRICKS_HOST", bundle.value("host"))
        .containsEntry("DATABRICKS_CLIENT_SECRET", "typed");
    assertThat(map(bundle.at("run_as").orElseThrow()))
        .containsEntry("service_principal_name", principal);
    Asked run = one(all, "bundle", "run");
    assertThat(run.words()).containsSequence("-t", target);
    assertThat(jobs).containsKey(run.words().get(run.words().size() - 1));
    assertThat(run.environment()).containsAllEntriesOf(deploy.environment());
  }

  /** What the comment behind {@code bundle run} offers. */
  @ParameterizedTest
  @ValueSource(strings = {"source", "alpha", "lambda"})
  void theParametersThatThePageNamesAreThoseOfTheJob(String parameter) throws IOException {
    assertThat(commands()).contains(parameter + "=…");
    Bundle bundle = Bundle.read(Path.of("deploy", "databricks"), "dev", Map.of("host", "h"));
    assertThat(list(map(bundle.resources("jobs").get("train")).get("parameters")))
        .extracting(one -> map(one).get("name"))
        .contains(parameter);
  }

  private static String commands() throws IOException {
    Matcher block =
        Pattern.compile("(?s)```sh\\n(TARGET=prod(?:(?!```).)*)```")
            .matcher(Files.readString(Path.of("docs", "databricks.md")));
    assertThat(block.find()).as("the page has the commands").isTrue();
    return block.group(1);
  }

  private List<Asked> run(String... targets) throws Exception {
    Path notes = folder.resolve("notes");
    Path tool = Files.writeString(folder.resolve("databricks"), NOTING);
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    StringBuilder lines = new StringBuilder("set -eu\n");
    for (String target : targets) {
      lines.append(
          commands()
              .replace(
                  "TARGET=prod CATALOG=wine_prod",
                  "TARGET=%s CATALOG=wine_%s".formatted(target, target)));
    }
    Path script = Files.writeString(folder.resolve("commands"), lines);
    Command.Answer answer =
        Command.run(
            List.of("bash", script.toString()),
            Map.of("PATH", folder + ":" + System.getenv("PATH"), "NOTES", notes.toString()),
            "typed\ntyped\n");
    assertThat(answer.code()).as(answer.out() + answer.err()).isZero();
    return Stream.of(Files.readString(notes).split("\n\n")).map(DatabricksPageTest::asked).toList();
  }

  private static Asked asked(String note) {
    List<String> lines = List.of(note.split("\n"));
    int parting = lines.indexOf("--");
    Map<String, String> environment = new HashMap<>();
    lines
        .subList(parting + 2, lines.size())
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              environment.put(line.substring(0, equals), line.substring(equals + 1));
            });
    return new Asked(lines.subList(0, parting), lines.get(parting + 1), environment);
  }

  private static Asked one(List<Asked> all, String... first) {
    List<Asked> found = all.stream().filter(asked -> asked.begins(first)).toList();
    assertThat(found).as(String.join(" ", first)).hasSize(1);
    return found.get(0);
  }
}
