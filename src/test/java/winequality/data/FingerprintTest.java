package winequality.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sums on the right are from {@code printf '%s' TEXT | sha256sum}. */
class FingerprintTest {

  // Java 17 writes the first number with 17 digits, Java 21 with four
  @ParameterizedTest
  @CsvSource({
    "2.363e21, max=2.363E21]",
    "-2.369e21, max=-2.369E21]",
    "0.3, max=0.3]",
    "0.001, max=0.001]",
    "1e-4, max=1.0E-4]"
  })
  void aNumberHasTheSameFingerprintOnEveryJava(double number, String written) {
    assertThat(Fingerprint.of("max=" + number + "]")).isEqualTo(sum(written));
  }

  @Test
  void aTextThatIsNoNumberIsTakenAsItIs() {
    assertThat(Fingerprint.of("1.10")).isEqualTo(sum("1.10")).isNotEqualTo(Fingerprint.of("1.1"));
  }

  private static String sum(String text) {
    return switch (text) {
      case "max=2.363E21]" -> "5aa54447fa7289a36a700ac898dd2183cda04af83ebbc1cd637e543dd8dd3f0e";
      case "max=-2.369E21]" -> "179fc870b1556b267dc8d04bc1c4dbff97b67ade979c9442c94438e8fb1ccd5f";
      case "max=0.3]" -> "1344f4a33d14acba91a724605b3c8abf8c885bcc7c5e019e3ef6fa898e6028d6";
      case "max=0.001]" -> "b7ad4db95a3ad0af7060454a62bb49cb84fbf3fbcda8852e9849a4c9977b04bd";
      case "max=1.0E-4]" -> "7c53d2481bdc28784e8fa2c17959df7ab3a55228547dce36c4859149f8c118f6";
      case "1.10" -> "aa672d37ec3c3f8002f2a87bba68fd3c2281f1935020cc0e2840276a9de14d78";
      default -> throw new IllegalArgumentException(text);
    };
  }
}
