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
 * Makes the stages' records from the layers and gathers every value that one of them refuses.
 *
 * <p>A record's constructor stops at its first problem. So the value it names is put back to its
 * default and the record is made again, until it can be made or nothing is left to put back.
 */
final class SettingsBinder {

  /** Refusals begin with the key, perhaps with a place in a list. */
  private static final Pattern KEY = Pattern.compile("^([a-z][a-z0-9.-]*)[ \\[:.]");

  /** The first word of a refusal, if it is no key already, and every word in camel case. */
  private static final Pattern COMPONENT =
      Pattern.compile("^[a-z][A-Za-z]*(?![A-Za-z.-])|\\b[a-z]+[A-Z][A-Za-z]*\\b");

  private final Config reference;
  private final Config merged;
  private final Set<SettingProblem> problems = new LinkedHashSet<>();

  SettingsBinder(Config reference, Config merged) {
    this.reference = reference;
    this.merged = merged;
  }

  List<SettingProblem> problems() {
    return List.copyOf(problems);
  }

  /** A problem between values of several records, in a sentence that begins with a key. */
  void add(String line) {
    problems.add(new SettingProblem(key(line).map(this::place).orElse("settings"), line));
  }

  /** The record, or empty if a value was refused; the problems say which, by its key. */
  <T> Optional<T> bind(Function<SettingValues, T> make) {
    return bind("", make);
  }

  /**
   * The same for a record of a library, which calls a value by its component's name.
   *
   * @param group where the record's keys lie: {@code trainFraction} of the group {@code holdout} is
   *     {@code holdout.train-fraction}
   */
  <T> Optional<T> bind(String group, Function<SettingValues, T> make) {
    Config config = merged;
    Set<String> putBack = new HashSet<>();
    while (true) {
      try {
        T record = make.apply(new SettingValues(config));
        return putBack.isEmpty() ? Optional.of(record) : Optional.empty();
      } catch (IllegalArgumentException e) {
        boolean progress = false;
        // a record may name several values at once, a line each
        for (String said : String.valueOf(e.getMessage()).lines().toList()) {
          String line = group.isEmpty() ? said : inKeys(group, said);
          Optional<String> key = key(line);
          add(line);
          // the parts of a data set belong together: one of them put back would be wrong by that
          if (key.isPresent()
              && !key.get().startsWith("dataset.")
              && reference.hasPath(key.get())
              && putBack.add(key.get())) {
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

  /** The sentence with the keys of the settings in place of the components' names. */
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
    // a record of several may have its own keys: length of the path is tuning.path-length
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
