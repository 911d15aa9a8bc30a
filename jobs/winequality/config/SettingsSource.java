package winequality.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the settings are read from, in addition to the defaults.
 *
 * @param file the user's HOCON file
 * @param assignments {@code key=value} from the command line; the last value of a key wins
 * @param environment all variables; those that {@code environment.conf} names are used
 */
public record SettingsSource(
    Optional<Path> file, List<Assignment> assignments, Map<String, String> environment) {

  /**
   * One setting from the command line: a text, or a list or an object if it starts like one.
   *
   * @param option as the user wrote it, for messages
   */
  public record Assignment(String option, String key, String value) {}

  public SettingsSource {
    assignments = List.copyOf(assignments);
    environment = Map.copyOf(environment);
  }

  /** Without values, because they may be secrets. */
  @Override
  public String toString() {
    return "SettingsSource[file=%s, keys=%s]"
        .formatted(file, assignments.stream().map(Assignment::key).toList());
  }
}
