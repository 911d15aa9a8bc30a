package winequality.data.csv;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import winequality.data.Fingerprint;

/**
 * Hashes what distinguishes a row besides its accepted values: the fields that are not described,
 * and all fields of a refused row.
 */
final class RowContent {

  private final char separator;
  private final boolean[] described;
  private final long[] seeds;
  private final boolean hasOthers;

  RowContent(CsvLayout layout) {
    this.separator = layout.separator();
    this.described = new boolean[layout.names().size()];
    layout.positions().stream()
        .filter(field -> field != CsvLayout.NO_FIELD)
        .forEach(field -> described[field] = true);
    this.seeds = layout.names().stream().mapToLong(LineHash::seed).toArray();
    this.hasOthers = !layout.extra().isEmpty();
  }

  /**
   * Adds an accepted row; nothing if all of its fields are described.
   *
   * @param length of the row, without a carriage return at its end
   */
  void addAccepted(
      byte[] row, int length, double[] values, @Nullable String[] texts, LineHash content) {
    if (!hasOthers) {
      return;
    }
    LineHash hash = new LineHash();
    hash.add(values, texts);
    if (hasQuote(row, length)) {
      CsvLine.Fields fields = (CsvLine.Fields) split(row, length);
      for (int field = 0; field < seeds.length; field++) {
        if (!described[field]) {
          add(fields.values().get(field), field, hash);
        }
      }
    } else {
      int from = 0;
      int field = 0;
      for (int i = 0; i <= length; i++) {
        if (i == length || row[i] == separator) {
          if (!described[field]) {
            add(row, from, i, field, hash);
          }
          from = i + 1;
          field++;
        }
      }
    }
    content.addWhole(hash);
  }

  /** Adds a refused row: its fields if it has as many as the header, otherwise its bytes. */
  void addRefused(byte[] row, int length, LineHash content) {
    LineHash hash = new LineHash();
    if (split(row, length) instanceof CsvLine.Fields fields
        && fields.values().size() == seeds.length) {
      List<String> values = fields.values();
      for (int field = 0; field < seeds.length; field++) {
        String text = values.get(field).strip();
        boolean number = described[field] && CsvNumber.parse(text) instanceof CsvNumber.Finite;
        add(number ? Fingerprint.text(Double.parseDouble(text) + 0.0) : text, field, hash);
      }
    } else {
      hash.add(row, 0, length, 0);
    }
    content.addWhole(hash);
  }

  private void add(String text, int field, LineHash hash) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes, 0, bytes.length, field, hash);
  }

  private void add(byte[] bytes, int from, int to, int field, LineHash hash) {
    int first = from;
    int end = to;
    while (first < end && RowChecker.isBlank(bytes[first])) {
      first++;
    }
    while (first < end && RowChecker.isBlank(bytes[end - 1])) {
      end--;
    }
    hash.add(bytes, first, end, seeds[field]);
  }

  private CsvLine split(byte[] row, int length) {
    return CsvLine.split(new String(row, 0, length, StandardCharsets.UTF_8), separator);
  }

  private static boolean hasQuote(byte[] row, int length) {
    for (int i = 0; i < length; i++) {
      if (row[i] == '"') {
        return true;
      }
    }
    return false;
  }
}
