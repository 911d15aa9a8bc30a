package winequality.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import winequality.ExitCode;
import winequality.app.BatchScoringJob;
import winequality.app.DescriptionJob;
import winequality.app.PromotionJob;
import winequality.app.PublicationJob;
import winequality.app.ReproductionJob;
import winequality.app.RetrainingJob;
import winequality.app.TrainingJob;
import winequality.app.TuningJob;
import winequality.app.job.JobRunner;

/** Every command that the pages show is tried somewhere, or says why it cannot be. */
class CommandsTest {

  private static final String HERE = "CommandsTest.theJobsTakeTheOptionsAndFilesThatThePagesShow";

  /** A pattern of commands, and the test that runs them; or the line of .ci/run; or why not. */
  private static final String[][] TRIED = {
    {"deploy/local/wine train", ".ci/run: deploy/local/wine train --result"},
    {"mvn verify|\\./mvnw verify", ".ci/run: mvn -B -ntp verify"},
    {"deploy/local/wine cluster (up|down)", "ClusterIT.startTheCluster"},
    {"deploy/local/wine train --master .*", "ClusterIT.coefficientsAreThoseOfOneMachine"},
    {
      "deploy/local/wine serve|curl http://127\\.0\\.0\\.1:5001/invocations .*",
      "AgreementIT.allConsumersPredictTheSameOnTheWholeHoldout"
    },
    {
      "deploy/local/wine bench --help",
      "LauncherIT.benchNamesItsComparisonsAndRefusesOthersBeforeAnythingIsSetUp"
    },
    {"deploy/local/wine describe .*", "DescribedTableIT.*"},
    {"deploy/local/wine \\w+( .*)?", HERE},
    {"cat > \\w+\\.conf .*", HERE},
    {"(MLFLOW_TRACKING_URI=\\S+ \\\\\n)?spark-submit .*", HERE},
    {"mlflow run \\. .*", "MlprojectIT.mlflowRunFillsTheRunThatItOpens"},
    {"export MLFLOW_TRACKING_URI=http\\S+|export DATABRICKS_HOST=… .*", "not: only sets variables"},
    {
      "databricks .*|TARGET=prod .*|PRINCIPAL=.*|export (BUNDLE_VAR|DATABRICKS_HOST).*|read -rs .*"
          + "|cd deploy/databricks",
      "DatabricksPageTest.whatTheCommandsMakeIsWhatTheBundleWants"
    },
    {
      "\\(cd /opt/wine-quality .*|cp /opt/.*|systemctl .*",
      "not: they change the machine; SchedulesIT checks the files with systemd-analyze"
    },
    {"spark=.*|\"\\$spark\"/bin/spark-sql .*", ".ci/run: bash -euc"},
    {"mvn -B package && docker .*", "not: there is no Docker and no registry"},
  };

  private static final Map<String, Supplier<JobRunner>> JOBS =
      Map.of(
          "train", () -> new JobRunner("train", new TrainingJob(), Map.of(), Clock.systemUTC()),
          "tune", () -> new JobRunner("tune", new TuningJob(), Map.of(), Clock.systemUTC()),
          "retrain",
              () -> new JobRunner("retrain", new RetrainingJob(), Map.of(), Clock.systemUTC()),
          "score", () -> new JobRunner("score", new BatchScoringJob(), Map.of(), Clock.systemUTC()),
          "publish",
              () -> new JobRunner("publish", new PublicationJob(), Map.of(), Clock.systemUTC()),
          "promote",
              () -> new JobRunner("promote", new PromotionJob(), Map.of(), Clock.systemUTC()),
          "rollback",
              () -> new JobRunner("promote", new PromotionJob(), Map.of(), Clock.systemUTC()),
          "reproduce",
              () -> new JobRunner("reproduce", new ReproductionJob(), Map.of(), Clock.systemUTC()),
          "describe",
              () -> new JobRunner("describe", new DescriptionJob(), Map.of(), Clock.systemUTC()));

  @TempDir Path folder;

  @Test
  void everyCommandSaysWhereItIsTried() throws IOException {
    List<String> untried = new ArrayList<>();
    List<String> unused = new ArrayList<>(Stream.of(TRIED).map(row -> row[0]).toList());
    for (String command : commands()) {
      List<String> rows =
          Stream.of(TRIED)
              .map(row -> row[0])
              .filter(row -> Pattern.compile(row, Pattern.DOTALL).matcher(command).matches())
              .toList();
      if (rows.isEmpty()) {
        untried.add(command);
      } else {
        unused.remove(rows.get(0));
      }
    }

    assertThat(untried).as("add a row to TRIED").isEmpty();
    assertThat(unused).as("no page has such a command").isEmpty();
    for (String[] row : TRIED) {
      if (row[1].startsWith(".ci/run: ")) {
        assertThat(Path.of(".ci", "run")).content().contains("\n" + row[1].substring(9));
      } else if (!row[1].startsWith("not: ")) {
        assertThat(isTest(row[1])).as(row[1]).isTrue();
      }
    }
  }

  @Test
  void theLauncherHasTheCommandsThatSentencesName() throws IOException {
    Pattern row = Pattern.compile("(?m)^([a-z]+) +\\|");
    List<String> known =
        row.matcher(Files.readString(Path.of("deploy", "local", "wine")))
            .results()
            .map(found -> found.group(1))
            .toList();
    Pattern named = Pattern.compile("`(?:deploy/local/)?wine (\\w+)[^`\n]*`");

    assertThat(known).contains("train", "docs");
    assertThat(Pages.all())
        .flatMap(
            page -> named.matcher(Pages.text(page)).results().map(found -> found.group(1)).toList())
        .isSubsetOf(known)
        .hasSizeGreaterThan(20);
  }

  @Test
  void theJobsTakeTheOptionsAndFilesThatThePagesShow() throws Exception {
    int taken = 0;
    Path settings = Files.createFile(folder.resolve("none.conf"));
    for (String command : commands()) {
      Matcher file = Pattern.compile("(?s)cat > (\\S+) <<'(\\w+)'\\n(.*)\\n\\2").matcher(command);
      Matcher job = Pattern.compile("(?s)deploy/local/wine (\\w+)(.*)").matcher(command);
      Matcher submit = Pattern.compile("(?s).*spark-submit .*?\\.jar(.*)").matcher(command);
      if (file.matches()) {
        settings = Files.writeString(folder.resolve(file.group(1)), file.group(3));
      } else if (job.matches() && JOBS.containsKey(job.group(1))) {
        List<String> words = words(job.group(2).replaceAll(" > \\S+$", ""));
        if (words.contains("--master")) {
          words = words.subList(0, words.indexOf("--master"));
        }
        taken(job.group(1), words, settings);
        taken++;
      } else if (submit.matches()) {
        taken("train", words(submit.group(1)), settings);
        taken++;
      }
    }

    assertThat(taken).isGreaterThan(20);
    for (String block : Pages.blocks(Path.of("docs", "data.md"), "hocon")) {
      taken("train", List.of("--config", "x"), Files.writeString(folder.resolve("hocon"), block));
    }
  }

  /** Has the job read these words and the settings, as --print-config does. */
  private static void taken(String job, List<String> words, Path settings) {
    List<String> all = new ArrayList<>(words);
    int config = all.indexOf("--config");
    if (config >= 0 && !all.get(config + 1).startsWith("jar:")) {
      all.set(config + 1, settings.toString());
    }
    if (job.equals("rollback")) {
      all.add(0, job);
    }
    all.add("--print-config");
    PrintStream out = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(JOBS.get(job).get().run(all.toArray(String[]::new)))
          .as(job + " " + words)
          .isEqualTo(ExitCode.DONE);
    } finally {
      System.setOut(out);
    }
  }

  private static List<String> words(String arguments) throws Exception {
    Process shell =
        new ProcessBuilder("bash", "-c", "for word in " + arguments + "; do echo \"$word\"; done")
            .redirectErrorStream(true)
            .start();
    String answer = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(answer).isZero();
    return answer.lines().toList();
  }

  private static boolean isTest(String name) throws IOException {
    String[] parts = name.split("\\.", -1);
    try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
      Path file = files.filter(path -> path.endsWith(parts[0] + ".java")).findFirst().orElseThrow();
      return parts[1].equals("*") || Files.readString(file).contains("void " + parts[1] + "(");
    }
  }

  private static List<String> commands() {
    return Pages.all().stream()
        .flatMap(page -> Pages.blocks(page, "sh", "bash").stream())
        .flatMap(block -> commands(block).stream())
        .toList();
  }

  /** The commands of a block, each in one piece, without comments. */
  static List<String> commands(String block) {
    List<String> found = new ArrayList<>();
    StringBuilder command = new StringBuilder();
    for (String line : block.split("\n", -1)) {
      command.append(command.isEmpty() ? "" : "\n").append(line);
      Matcher here = Pattern.compile("(?s).*<<'(\\w+)'\n.*").matcher(command + "\n");
      boolean open = here.matches() ? !line.equals(here.group(1)) : continues(command);
      if (!open) {
        String whole = here.matches() ? command.toString() : bare(command);
        if (!Arrays.asList("", "(", ")").contains(whole)) {
          found.add(whole);
        }
        command.setLength(0);
      }
    }
    assertThat(command).as("a command without an end").isEmpty();
    return found;
  }

  private static boolean continues(CharSequence command) {
    String bare = bare(command);
    return bare.endsWith("\\")
        || bare.chars().filter(c -> c == '\'').count() % 2 == 1
        || (bare.indexOf('\'') < 0 && bare.chars().filter(c -> c == '"').count() % 2 == 1);
  }

  /** Without comments, which begin after a space and have no quote after them that closes one. */
  private static String bare(CharSequence command) {
    return command.toString().replaceAll("(?m)(^|\\s+)# .*$|(^|\\s+)#$", "").strip();
  }
}
