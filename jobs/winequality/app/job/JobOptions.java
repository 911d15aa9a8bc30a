package winequality.app.job;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;

/** The options that every command takes. */
@Command(
    versionProvider = BuildInfo.class,
    sortOptions = false,
    usageHelpWidth = 100,
    footer =
        "If MLflow goes away or refuses the result, train, tune and retrain keep it in mlflow.outbox-dir; publish registers it later.")
public final class JobOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Settings file (HOCON) that overrides the defaults; jar:NAME is a file in the jar, such as jar:databricks.conf.")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "One setting; repeatable, the last value of a key wins.")
  private List<String> assignments = new ArrayList<>();

  @Option(
      names = "--alpha",
      paramLabel = "A",
      description = "Short for learning.elastic-net-param; for train and retrain.")
  private @Nullable String alpha;

  @Option(
      names = "--lambda",
      paramLabel = "L",
      description = "Short for learning.reg-param; for train and retrain.")
  private @Nullable String lambda;

  @Option(
      names = "--result",
      paramLabel = "FILE",
      description = "Writes the result as JSON, also if the job fails.")
  private @Nullable Path result;

  @Option(names = "--print-config", description = "Prints the settings in effect and ends.")
  boolean printConfig;

  @Option(
      names = "--dry-run",
      description = "Checks settings, source and tracking server; writes nothing.")
  boolean dryRun;

  Optional<Path> result() {
    return Optional.ofNullable(result);
  }

  /** Whether {@code --alpha} or {@code --lambda} is given. */
  public boolean choosePenalty() {
    return alpha != null || lambda != null;
  }

  SettingsSource source(Map<String, String> environment) {
    List<Assignment> all = new ArrayList<>();
    for (String text : assignments) {
      int equals = text.indexOf('=');
      if (equals < 0) {
        throw new UsageException("--set needs key=value; one --set has no equals sign");
      }
      String key = text.substring(0, equals).strip();
      // messages repeat the key only: the value may be a secret
      all.add(new Assignment("--set " + key, key, text.substring(equals + 1).strip()));
    }
    if (alpha != null) {
      all.add(new Assignment("--alpha", "learning.elastic-net-param", alpha));
    }
    if (lambda != null) {
      all.add(new Assignment("--lambda", "learning.reg-param", lambda));
    }
    return new SettingsSource(Optional.ofNullable(config), all, environment);
  }
}
