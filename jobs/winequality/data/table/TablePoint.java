package winequality.data.table;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** A point in the history of a table. */
public sealed interface TablePoint {

  /** A version, counted from 0. */
  record AtVersion(long version) implements TablePoint {}

  /** The newest version at that time. */
  record AtTime(Instant time) implements TablePoint {}

  /**
   * Reads a version number, or a date (its first moment) or time in ISO 8601, in UTC by default.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  static TablePoint of(String text) {
    if (text.matches("\\d{1,18}")) {
      return new AtVersion(Long.parseLong(text));
    }
    String time = text.replace(' ', 'T');
    try {
      if (time.indexOf('T') < 0) {
        return new AtTime(LocalDate.parse(time).atStartOfDay(ZoneOffset.UTC).toInstant());
      }
      return new AtTime(
          time.matches(".*(Z|[+-]\\d\\d:?\\d\\d)")
              ? OffsetDateTime.parse(time).toInstant()
              : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "data.table-version is \"%s\"; it must be a version number such as 7, or a date or time such as 2026-01-31 or 2026-01-31T18:30:00Z"
              .formatted(text),
          e);
    }
  }
}
