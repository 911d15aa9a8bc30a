package winequality.config;

import com.typesafe.config.Config;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Creates the stages' records from the layers and collects every value that one of them refuses.
 *
 * <p>A record's constructor stops at its first problem. So the refused value is reset to its
 * default and the record is created again, until that succeeds or no value is left to reset.
 */
final class SettingsBinder {

  /** A refusal begins with the key, perhaps with an index into a list. */
  private static final Pattern KEY = Pattern.compile("^([a-z][a-z0-9.-]*)[ \\[:.]");

  /** The first word of a refusal, unless it is a key already, and every word in camel case. */
  private static final Pattern COMPONENT =
      Pattern.compile("^[a-z][A-Za-z]*(?![A-Za-z.-])|\\b[a-z]+[A-Z][A-Za-z]*\\b");

  private final Config reference;
  private final Config merged;
  private final Set<SettingProblem> problems;

  SettingsBinder(SettingLayers layers) {
    this.reference = layers.reference;
    this.merged = layers.merged;
    this.problems = new LinkedHashSet<>(layers.problems);
  }

  /** Throws an {@link InvalidSettingsException} with all problems, those of the layers first. */
  void requireValid() {
    if (!problems.isEmpty()) {
      throw new InvalidSettingsException(List.copyOf(problems));
    }
  }

  /** Adds a problem that involves several records. */
  void add(String line) {
    problems.add(new SettingProblem(key(line).map(this::place).orElse("settings"), line));
  }

  /** Creates a record; empty if a value was refused, which is then among the problems. */
  <T> Optional<T> bind(Function<SettingValues, T> make) {
    return bind("", make);
  }

  /**
   * The same for a record of a library, whose messages name components: in the group {@code
   * holdout}, {@code trainFraction} is {@code holdout.train-fraction}.
   */
  <T> Optional<T> bind(String group, Function<SettingValues, T> make) {
    Config config = merged;
    Set<String> reset = new HashSet<>();
    while (true) {
      try {
        T record = make.apply(new SettingValues(config));
        return reset.isEmpty() ? Optional.of(record) : Optional.empty();
      } catch (IllegalArgumentException e) {
        boolean progress = false;
        // a record may refuse several values at once, a line each
        for (String refusal : String.valueOf(e.getMessage()).lines().toList()) {
          String line = group.isEmpty() ? refusal : inKeys(group, refusal);
          Optional<String> key = key(line);
          add(line);
          // not a part of the data set: it would not fit the others if it were reset
          if (key.isPresent()
              && !key.get().startsWith("dataset.")
              && reference.hasPath(key.get())
              && reset.add(key.get())) {
            config = config.withValue(key.get(), reference.getValue(key.get()));
            progress = true;
          }
        }
        if (!progress) {
          return Optional.empty();
        }
      }
    }
  }

  /** Replaces the components' names by the settings' keys. */
  private String inKeys(String group, String line) {
    return COMPONENT
        .matcher(line)
        .replaceAll(
            name -> Matcher.quoteReplacement(keyOf(group, name.group()).orElse(name.group())));
  }

  private Optional<String> keyOf(String group, String component) {
    String kebab = component.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    String exact = group + "." + kebab;
    if (reference.hasPath(exact)) {
      return Optional.of(exact);
    }
    // a nested record's component may have a longer key: length is tuning.path-length
    List<String> longer =
        reference.getConfig(group).entrySet().stream()
            .map(entry -> group + "." + entry.getKey())
            .filter(key -> key.endsWith("." + kebab) || key.endsWith("-" + kebab))
            .toList();
    return longer.size() == 1 ? Optional.of(longer.get(0)) : Optional.empty();
  }

  private Optional<String> key(String message) {
    Matcher matcher = KEY.matcher(message);
    return matcher.find() && merged.hasPathOrNull(matcher.group(1))
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  private String place(String key) {
    return merged.hasPath(key) ? SettingLayers.place(merged.getValue(key).origin()) : "null value";
  }
}
