package winequality.data.csv;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import winequality.data.DataRefusedException;

/** Recognises files that are not text in UTF-8 by the bytes they begin with. */
final class FirstBytes {

  /** What a file is and what to do, by its first bytes in Latin-1. */
  private static final Map<String, String> FORMATS =
      Map.of(
          "\37\213", "packed with gzip and not named so. Rename it so that it ends in .gz",
          "BZh91AY", "packed with bzip2 and not named so. Rename it so that it ends in .bz2",
          "(\265/\375", "packed with zstd and not named so. Unpack it, or pack it with gzip",
          "\3757zXZ", "packed with xz, which Hadoop cannot unpack. Unpack it, or pack it with gzip",
          "PK\3\4",
              "a zip archive or an Excel workbook. Unpack it, or save the sheet as CSV in UTF-8",
          "\320\317\21\340", "an Excel workbook of the old kind. Save the sheet as CSV in UTF-8",
          "PAR1\25",
              "a Parquet file. Give it the ending .parquet, and name it or a folder with nothing else (no pattern)",
          "\377\376", "text in UTF-16. Save it as CSV in UTF-8",
          "\376\377", "text in UTF-16. Save it as CSV in UTF-8");

  private FirstBytes() {}

  /** Refuses a file whose first line cannot be one of a CSV file. */
  static void requireText(byte[] line, String file) {
    String start = new String(line, StandardCharsets.ISO_8859_1);
    FORMATS.forEach(
        (first, what) -> {
          if (start.startsWith(first)) {
            throw new DataRefusedException("%s is %s.".formatted(file, what));
          }
        });
    if (start.indexOf('\0') >= 0) {
      throw new DataRefusedException(
          "%s is not text: its first line has bytes of zero. Save it as CSV in UTF-8."
              .formatted(file));
    }
  }
}
