package testing;

import java.util.Locale;
import java.util.function.Supplier;

/** Formats with the digits and the decimal separator of another locale for a moment. */
public final class LocaleOfNumbers {

  private LocaleOfNumbers() {}

  /** The locale is that of the whole JVM, whose tests run one after the other. */
  public static <T> T in(String tag, Supplier<T> work) {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag(tag));
    try {
      return work.get();
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }
}
