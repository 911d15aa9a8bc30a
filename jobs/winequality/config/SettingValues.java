package winequality.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Reads typed settings, more strictly than Typesafe Config: {@code yes} is not a boolean and {@code
 * NaN} is not a number. Every method throws {@link IllegalArgumentException} with the key, its
 * value and what it must be.
 */
public final class SettingValues {

  /** The keys whose values are never shown. */
  static final List<String> SECRETS =
      List.of(
          "mlflow.password",
          "mlflow.token",
          "mlflow.target.password",
          "mlflow.target.token",
          // an address may hold a login
          "mlflow.network.http-proxy",
          "mlflow.network.https-proxy",
          "mlflow.databricks.token",
          "mlflow.databricks.client-secret");

  static final String MASK = "****";

  private final Config config;
  private final String prefix;

  SettingValues(Config config) {
    this(config, "");
  }

  private SettingValues(Config config, String prefix) {
    this.config = config;
    this.prefix = prefix;
  }

  String text(String key) {
    ConfigValue value = value(key);
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> String.valueOf(value.unwrapped());
      default -> throw wrong(key, "must be a text");
    };
  }

  boolean flag(String key) {
    return switch (text(key).toLowerCase(Locale.ROOT)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw wrong(key, "must be true or false");
    };
  }

  double number(String key) {
    return exact(key, text(key), "must be a finite number").doubleValue();
  }

  int integer(String key) {
    try {
      return exact(key, text(key), "must be a whole number").intValueExact();
    } catch (ArithmeticException e) {
      throw wrong(
          key,
          "must be a whole number between %d and %d"
              .formatted(Integer.MIN_VALUE, Integer.MAX_VALUE));
    }
  }

  long longInteger(String key) {
    try {
      return exact(key, text(key), "must be a whole number").longValueExact();
    } catch (ArithmeticException e) {
      throw wrong(key, "must be a whole number of at most 64 bits");
    }
  }

  Duration duration(String key) {
    try {
      // HOCON reads a bare number as milliseconds, but whoever writes 30 means seconds
      if (text(key).matches(".*[a-zA-Z]")) {
        return config.getDuration(key);
      }
    } catch (ConfigException e) {
      // reported below
    }
    throw wrong(key, "must be a duration with its unit, such as 500ms, 30s or 5m");
  }

  List<String> texts(String key) {
    try {
      if (value(key).valueType() == ConfigValueType.LIST) {
        return config.getStringList(key);
      }
    } catch (ConfigException e) {
      // reported below
    }
    throw wrong(key, "must be a list of texts");
  }

  List<Double> numbers(String key) {
    return texts(key).stream()
        .map(text -> exact(key, text, "must be a list of finite numbers").doubleValue())
        .toList();
  }

  List<Long> longIntegers(String key) {
    try {
      return texts(key).stream()
          .map(text -> exact(key, text, "must be a list of whole numbers").longValueExact())
          .toList();
    } catch (ArithmeticException e) {
      throw wrong(key, "must be a list of whole numbers of at most 64 bits");
    }
  }

  /** A value of an enumeration, written in kebab-case. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    String text = text(key);
    E[] values = type.getEnumConstants();
    for (E value : values) {
      if (kebab(value).equals(text)) {
        return value;
      }
    }
    throw wrong(key, "must be one of " + Stream.of(values).map(SettingValues::kebab).toList());
  }

  private static String kebab(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  OptionalDouble optionalNumber(String key) {
    return config.hasPath(key) ? OptionalDouble.of(number(key)) : OptionalDouble.empty();
  }

  Optional<String> optionalText(String key) {
    return config.hasPath(key) ? Optional.of(text(key)) : Optional.empty();
  }

  <E extends Enum<E>> Optional<E> optionalChoice(String key, Class<E> type) {
    return config.hasPath(key) ? Optional.of(choice(key, type)) : Optional.empty();
  }

  List<String> optionalTexts(String key) {
    return config.hasPath(key) ? texts(key) : List.of();
  }

  /** The objects of a list, each read under {@code key[i].}. */
  List<SettingValues> objects(String key) {
    if (value(key).valueType() != ConfigValueType.LIST) {
      throw wrong(key, "must be a list");
    }
    List<? extends ConfigValue> items = config.getList(key);
    return IntStream.range(0, items.size())
        .mapToObj(
            i -> {
              String place = prefix + key + "[" + i + "]";
              if (!(items.get(i) instanceof ConfigObject object)) {
                throw new IllegalArgumentException(
                    place + " is " + shown(items.get(i)) + "; it must be an object in braces");
              }
              return new SettingValues(object.toConfig(), place + ".");
            })
        .toList();
  }

  List<SettingValues> optionalObjects(String key) {
    return config.hasPath(key) ? objects(key) : List.of();
  }

  /** Refuses any other key. */
  void only(String... keys) {
    for (String key : config.root().keySet()) {
      if (!List.of(keys).contains(key)) {
        throw new IllegalArgumentException(
            "%s%s is not a known key; did you mean \"%s\"?"
                .formatted(prefix, key, nearest(key, List.of(keys))));
      }
    }
  }

  /** Refuses keys that the kind of a column does not have. */
  void without(String kind, String... keys) {
    for (String key : keys) {
      if (config.hasPath(key)) {
        throw new IllegalArgumentException(
            "has %s, which a column of kind = %s cannot have".formatted(key, kind));
      }
    }
  }

  /** The known word with the smallest edit distance to a misspelt one; at least one is known. */
  public static String nearest(String key, List<String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return known.stream()
        .sorted()
        .min(Comparator.comparingInt(candidate -> distance.apply(key, candidate)))
        .orElseThrow();
  }

  private BigDecimal exact(String key, String text, String must) {
    try {
      return new BigDecimal(text.strip());
    } catch (NumberFormatException e) {
      throw wrong(key, must);
    }
  }

  private ConfigValue value(String key) {
    try {
      return config.getValue(key);
    } catch (ConfigException.Null e) {
      throw new IllegalArgumentException(
          prefix + key + " is null; leave it out for the default", e);
    } catch (ConfigException.Missing e) {
      throw new IllegalArgumentException(prefix + key + " is missing", e);
    } catch (ConfigException.WrongType e) {
      throw new IllegalArgumentException(
          prefix + key + " is below a key that is not a group of keys", e);
    }
  }

  private IllegalArgumentException wrong(String key, String must) {
    String shown = SECRETS.contains(prefix + key) ? MASK : shown(value(key));
    return new IllegalArgumentException(prefix + key + " is " + shown + "; it " + must);
  }

  private static String shown(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING -> "\"" + value.unwrapped() + "\"";
      case OBJECT -> "a group of keys";
      case LIST -> "a list";
      default -> String.valueOf(value.unwrapped());
    };
  }
}
