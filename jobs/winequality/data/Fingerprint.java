package winequality.data;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Short identifiers of long texts, the same on every Java. */
public final class Fingerprint {

  private static final Pattern DECIMAL = Pattern.compile("\\d+\\.\\d+(E-?\\d+)?");

  private Fingerprint() {}

  /** SHA-256 of the text in UTF-8, 64 hexadecimal digits; numbers in it count as {@link #text}. */
  public static String of(String text) {
    String portable =
        DECIMAL
            .matcher(text)
            .replaceAll(
                number -> {
                  double value = Double.parseDouble(number.group());
                  // 1.10 may be a version and stays as it is
                  return Double.toString(value).equals(number.group())
                      ? text(value)
                      : number.group();
                });
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(portable.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256; this one lacks it", e);
    }
  }

  /**
   * The number as Java 19 and later write it. Earlier ones write some with more digits: 2.363E21 as
   * 2.3630000000000003E21 (JDK-4511638).
   */
  public static String text(double number) {
    return NumberOutput.toString(number, true);
  }
}
