package winequality.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What settings are made from, besides the defaults.
 *
 * @param file a HOCON file of the user's
 * @param assignments {@code key=value} from the command line, the last of a key wins
 * @param environment variables; those that {@code environment.conf} names are used
 */
public record SettingsSource(
    Optional<Path> file, List<Assignment> assignments, Map<String, String> environment) {

  /**
   * One setting from the command line.
   *
   * @param option as the user wrote it, for messages
   * @param key dotted
   * @param value as text; a list or an object if it begins like one
   */
  public record Assignment(String option, String key, String value) {}

  public SettingsSource {
    assignments = List.copyOf(assignments);
    environment = Map.copyOf(environment);
  }

  /** Without values: those of the environment and of the command line may be secrets. */
  @Override
  public String toString() {
    return "SettingsSource[file=%s, keys=%s]"
        .formatted(file, assignments.stream().map(Assignment::key).toList());
  }
}
