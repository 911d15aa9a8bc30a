package winequality.data.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import winequality.data.ColumnDescription;

class RowCheckerTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,000|decimal-comma|write it as 1.000 if the comma is decimal, or as 1000 if it separates thousands",
        "-12,345|decimal-comma|write it as -12.345 if the comma is decimal, or as -12345 if it separates thousands",
        // no number with separators of thousands begins with a zero or four digits
        "0,123|decimal-comma|it has a decimal comma; write it as 0.123",
        "1234,567|decimal-comma|it has a decimal comma; write it as 1234.567",
        "1,0000|decimal-comma|it has a decimal comma; write it as 1.0000",
        "1,234.5|not-a-number|it must be a decimal number with a point and no separators of thousands",
        "1,234,567|not-a-number|it must be a decimal number with a point and no separators of thousands",
        "1,23,4|not-a-number|it must be a decimal number with a point",
      })
  void aCommaMayBeDecimalOrSeparateThousands(String text, String rule, String must) {
    List<ColumnDescription> columns = List.of(new ColumnDescription("a", "", -1e9, 1e9));
    RowChecker checker = new RowChecker(columns, CsvLayout.of("a;b", columns, "x.csv"));
    byte[] row = (text + ";2").getBytes(StandardCharsets.UTF_8);
    assertThat(checker.check(row, row.length, new double[1]))
        .isEqualTo(new Refusal("a-" + rule, "a", text, "a is \"%s\"; %s".formatted(text, must)));
  }
}
