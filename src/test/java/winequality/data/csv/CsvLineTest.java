package winequality.data.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvLineTest {

  @Test
  void fieldsStandBetweenSeparators() {
    assertThat(CsvLine.split("a,b, c", ',')).isEqualTo(fields("a", "b", " c"));
    assertThat(CsvLine.split("a;b,c", ';')).isEqualTo(fields("a", "b,c"));
  }

  @Test
  void emptyFieldsCount() {
    assertThat(CsvLine.split("", ',')).isEqualTo(fields(""));
    assertThat(CsvLine.split(",", ',')).isEqualTo(fields("", ""));
    assertThat(CsvLine.split("a,,", ',')).isEqualTo(fields("a", "", ""));
    assertThat(CsvLine.split("\"\",\"\"", ',')).isEqualTo(fields("", ""));
  }

  @Test
  void quotesHoldSeparatorsAndDoubledQuotes() {
    assertThat(CsvLine.split("\"a,b\",\"say \"\"hi\"\"\",c", ','))
        .isEqualTo(fields("a,b", "say \"hi\"", "c"));
  }

  @Test
  void aQuoteInsideAnUnquotedFieldIsText() {
    assertThat(CsvLine.split("5\" disk,b", ',')).isEqualTo(fields("5\" disk", "b"));
  }

  @Test
  void aQuoteThatIsNotClosedIsMalformed() {
    assertThat(CsvLine.split("\"a,b", ','))
        .isEqualTo(
            new CsvLine.Malformed("unclosed-quote", "a quoted field is not closed on its line"));
  }

  @Test
  void textBehindAClosingQuoteIsMalformed() {
    assertThat(CsvLine.split("\"a\"b,c", ',')).isInstanceOf(CsvLine.Malformed.class);
  }

  private static CsvLine.Fields fields(String... values) {
    return new CsvLine.Fields(List.of(values));
  }
}
