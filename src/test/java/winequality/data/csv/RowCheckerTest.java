package winequality.data.csv;

import static org.assertj.core.api.Assertions.assertThat;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.ColumnKind.Missing;

class RowCheckerTest {

  private static final List<String> CUTS = List.of("Fair", "Very Good", "None");

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
    assertThat(checker.check(row, row.length, new double[1], new String[0]))
        .isEqualTo(new Refusal("a-" + rule, "a", text, "a is \"%s\"; %s".formatted(text, must)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Missing.class,
      names = {"MEAN", "ZERO"})
  void aMissingNumberIsAGapWhereTheDescriptionAllowsIt(Missing missing) {
    ColumnKind gap = new ColumnKind.Numeric(missing, Indicator.NONE);
    Checked checked = new Checked(column("a", gap, -9, 9), column("y", ColumnKind.NUMBER, -9, 9));
    for (String text :
        List.of("", " \t", "NaN", "nan", "NA", " na ", "\"NA\"", "?", "-999", "-999.0", "fehlt")) {
      assertThat(checked.refusal(text + ",2")).as(text).isNull();
      assertThat(checked.values).as(text).containsExactly(Double.NaN, 2.0);
    }
    assertThat(checked.refusal("3,2")).isNull();
    assertThat(checked.values).containsExactly(3.0, 2.0);
    // nothing else about numbers changes, and another column has no gaps
    assertThat(rule(checked.refusal("10,2"))).isEqualTo("a-out-of-range");
    assertThat(rule(checked.refusal("inf,2"))).isEqualTo("a-not-finite");
    assertThat(rule(checked.refusal("x,2"))).isEqualTo("a-not-a-number");
    assertThat(rule(checked.refusal("2,NA"))).isEqualTo("y-missing");
    assertThat(rule(checked.refusal("2,NaN"))).isEqualTo("y-missing");
  }

  @Test
  void aWeightIsANumberOfAtLeastZero() {
    Checked checked = new Checked(column("w", new ColumnKind.Weight(), 0, Double.MAX_VALUE));
    assertThat(checked.refusal("0")).isNull();
    assertThat(rule(checked.refusal("-0.5"))).isEqualTo("w-out-of-range");
    assertThat(rule(checked.refusal("NA"))).isEqualTo("w-missing");
    assertThat(rule(checked.refusal("inf"))).isEqualTo("w-not-finite");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Very Good", " Very Good\t", "\"Very Good\"", "\" Very Good \""})
  void aTextIsStrippedAndUnquoted(String field) {
    Checked checked = new Checked(cut(CUTS, Unknown.QUARANTINE));
    // the second time from its bytes
    for (int i = 0; i < 2; i++) {
      assertThat(checked.refusal(field)).isNull();
      assertThat(checked.texts).containsExactly("Very Good");
    }
  }

  @Test
  void aTextMayHaveQuotesAndSeparators() {
    Checked checked = new Checked(cut(List.of(), Unknown.QUARANTINE));
    assertThat(checked.refusal("\"a, \"\"b\"\"\"")).isNull();
    assertThat(checked.texts).containsExactly("a, \"b\"");
  }

  @Test
  void anUnknownLevelIsRefusedAndTheReasonNamesTheLevels() {
    Checked checked = new Checked(cut(CUTS, Unknown.QUARANTINE));
    assertThat(checked.refusal("fair"))
        .isEqualTo(
            new Refusal(
                "cut-unknown-level",
                "cut",
                "fair",
                "cut is \"fair\"; it must be one of the 3 levels: Fair, Very Good, None"));
    assertThat(checked.refusal("NA"))
        .isEqualTo(
            new Refusal(
                "cut-missing", "cut", "NA", "cut is \"NA\"; it stands for a missing value"));
    assertThat(rule(checked.refusal("\"\""))).isEqualTo("cut-missing");
    // a level that is given is no word for a missing value
    assertThat(checked.refusal("None")).isNull();
    assertThat(checked.texts).containsExactly("None");
    List<String> many = IntStream.range(0, 12).mapToObj(i -> "x" + i).toList();
    assertThat(new Checked(cut(many, Unknown.QUARANTINE)).refusal("y"))
        .extracting(Refusal::reason)
        .asString()
        .isEqualTo(
            "cut is \"y\"; it must be one of the 12 levels: x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, …");
  }

  @ParameterizedTest
  @EnumSource(
      value = Unknown.class,
      names = {"OTHER", "BASE"})
  void anUnknownLevelIsKeptAsItIsAndAMissingOneIsNull(Unknown unknown) {
    for (List<String> levels : List.of(CUTS, List.<String>of())) {
      Checked checked = new Checked(cut(levels, unknown));
      for (int i = 0; i < 2; i++) {
        assertThat(checked.refusal(" fair ")).isNull();
        assertThat(checked.texts).containsExactly("fair");
        for (String missing : List.of("", "NA", "\"?\"", "-999", "fehlt")) {
          assertThat(checked.refusal(missing)).isNull();
          assertThat(checked.texts).as(missing).containsExactly((String) null);
        }
      }
    }
  }

  @Test
  void anyTextIsAcceptedIfTheLevelsAreToBeFoundButNoMissingOne() {
    Checked checked = new Checked(cut(List.of(), Unknown.QUARANTINE));
    assertThat(checked.refusal("Żółw")).isNull();
    assertThat(checked.texts).containsExactly("Żółw");
    assertThat(rule(checked.refusal("NA"))).isEqualTo("cut-missing");
  }

  /** A number never has such bytes; a text would lose them silently. */
  @Test
  void aTextThatIsNotInUtf8IsRefused() {
    for (Unknown unknown : Unknown.values()) {
      Checked checked = new Checked(cut(List.of(), unknown));
      byte[] latin = "Rosé".getBytes(StandardCharsets.ISO_8859_1);
      assertThat(rule(checked.refusal(latin))).isEqualTo("cut-not-utf-8");
    }
  }

  @Test
  void moreTextsThanAreRememberedAreCheckedAllTheSame() {
    Checked checked = new Checked(cut(List.of(), Unknown.OTHER));
    for (int i = 0; i < 3000; i++) {
      assertThat(checked.refusal("id" + i)).isNull();
      assertThat(checked.texts).containsExactly("id" + i);
    }
    assertThat(checked.refusal("NA")).isNull();
    assertThat(checked.texts).containsExactly((String) null);
  }

  @Test
  void aGapIsNoNumberAndAMissingTextNoTextInTheFingerprint() {
    assertThat(
            List.of(
                hash(new double[] {0}),
                hash(new double[] {Double.NaN}),
                hash(new double[] {0}, (String) null),
                hash(new double[] {0}, ""),
                hash(new double[] {0}, "0"),
                hash(new double[] {0}, null, "a"),
                hash(new double[] {0}, "a", null),
                hash(new double[] {0}, "a", ""),
                hash(new double[] {0}, "", "a"),
                hash(new double[] {0}, "ab", "c"),
                hash(new double[] {0}, "a", "bc")))
        .doesNotHaveDuplicates();
  }

  private static String hash(double[] values, @Nullable String... texts) {
    LineHash hash = new LineHash();
    hash.add(values, texts);
    return hash.text();
  }

  private static @Nullable String rule(@Nullable Refusal refusal) {
    return refusal == null ? null : refusal.rule();
  }

  private static ColumnDescription cut(List<String> levels, Unknown unknown) {
    return column(
        "cut",
        new ColumnKind.Category(levels, unknown, 1),
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY);
  }

  private static ColumnDescription column(String name, ColumnKind kind, double min, double max) {
    return new ColumnDescription(
        name, name, "", "", min, max, Map.of(), List.of("fehlt", "-999"), kind);
  }

  /** Rows of these columns, and what the last one became. */
  private static final class Checked {
    private final RowChecker checker;
    private final double[] values;
    private final @Nullable String[] texts;

    Checked(ColumnDescription... columns) {
      List<ColumnDescription> all = List.of(columns);
      String header = String.join(",", all.stream().map(ColumnDescription::name).toList());
      checker = new RowChecker(all, CsvLayout.of(header, all, "x.csv"));
      values = new double[columns.length];
      texts = new String[(int) all.stream().filter(ColumnDescription::isCategory).count()];
    }

    @Nullable Refusal refusal(String row) {
      return refusal(row.getBytes(StandardCharsets.UTF_8));
    }

    @Nullable Refusal refusal(byte[] row) {
      // whatever the row before left
      Arrays.fill(values, 7);
      Arrays.fill(texts, "before");
      return checker.check(row, row.length, values, texts);
    }
  }
}
