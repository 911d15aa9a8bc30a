package winequality.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import winequality.metrics.Interval;

class FiguresTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "5, 5",
    "-12, −12",
    "0.5, 0.5000",
    "0.99999, 1.000",
    "0.654321, 0.6543",
    "-1.08359, −1.084",
    "0.00012345, 0.0001234",
    "0.0000123456, 1.235e−05",
    "123456.7, 123500",
    "12345678, 1.235e+07",
    "-0.00000001, −1.000e−08",
    "NaN, –",
    "Infinity, ∞",
    "-Infinity, −∞"
  })
  void numbersHaveFourDigits(double value, String shown) {
    assertThat(Figures.number(value)).isEqualTo(shown);
  }

  @Test
  void theRestIsAsPeopleWriteIt() {
    assertThat(Figures.count(1599)).isEqualTo("1,599");
    assertThat(Figures.percent(212, 1599)).isEqualTo("13.3 %");
    assertThat(Figures.percent(1, 0)).isEqualTo("–");
    assertThat(Figures.confidence(0.95)).isEqualTo("95 %");
    assertThat(Figures.confidence(0.995)).isEqualTo("99.5 %");
    assertThat(Figures.p(0.00099)).isEqualTo("< 0.001");
    assertThat(Figures.p(0.04)).isEqualTo("0.040");
    assertThat(Figures.bounds(new Interval(1, 0.5, 1.5))).isEqualTo("0.5000 to 1.500");
    assertThat(Figures.bounds(Interval.unbounded(1))).isEqualTo("–");
  }
}
