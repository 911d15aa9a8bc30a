package winequality.data.csv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvNumberTest {

  @ParameterizedTest
  @CsvSource({
    "7.4, 7.4",
    "0, 0",
    "-1, -1",
    "+2, 2",
    ".5, 0.5",
    "5., 5",
    "1e3, 1000",
    "1.5E-3, 0.0015",
    "-0, -0.0",
    "0.1, 0.1",
    "17976931348623157e292, 1.7976931348623157e308"
  })
  void decimalNumbersAreTheNearestDouble(String text, double value) {
    assertThat(CsvNumber.parse(text)).isEqualTo(new CsvNumber.Finite(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "nan", "Infinity", "-inf", "+Infinity", "1e999", "-1e999"})
  void valuesWithoutASizeAreNotFinite(String text) {
    assertThat(CsvNumber.parse(text)).isEqualTo(new CsvNumber.NotFinite());
  }

  @Test
  void aDecimalCommaIsNoNumberButTold() {
    assertThat(CsvNumber.parse("-1,5")).isEqualTo(new CsvNumber.DecimalComma("-1.5"));
    assertThat(CsvNumber.parse("1,234.5")).isEqualTo(new CsvNumber.NotANumber());
    assertThat(CsvNumber.parse("1,2,3")).isEqualTo(new CsvNumber.NotANumber());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x", "1d", "1f", "0x10", "0x1p3", "1 000", "--1", "1e", "e5", ".", "+", "1.2.3", "٣",
        "1_000", "null"
      })
  void everythingElseIsNoNumber(String text) {
    assertThat(CsvNumber.parse(text)).isEqualTo(new CsvNumber.NotANumber());
  }
}
