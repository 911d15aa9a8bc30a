package winequality.data.ingest;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.RefusedSource;
import winequality.data.RowCounts;
import winequality.data.table.TableVersion;

/** Says how many rows of a source are refused, and refuses the source if they are too many. */
final class Quarantined {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantined.class);

  private Quarantined() {}

  /**
   * Warns of refused rows.
   *
   * @param byRule most frequent first
   * @param state what a refusal of the source leaves as it is, and why so many rows are refused if
   *     that is known
   * @throws DataRefusedException if more than the settings' share is refused, or every row
   */
  static void requireFew(
      RowCounts counts,
      Map<String, Long> byRule,
      Optional<TableVersion> quarantine,
      DataSettings settings,
      String state) {
    if (counts.quarantined() == 0) {
      return;
    }
    String message =
        String.format(
            Locale.ROOT,
            "Quarantined %d of %d rows (%.1f %%; limit %.1f %%): %s. See table %s.",
            counts.quarantined(),
            counts.read(),
            100 * counts.quarantinedFraction(),
            100 * settings.maxQuarantineFraction(),
            byRule.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ")),
            settings.quarantineTable());
    if (counts.quarantinedFraction() > settings.maxQuarantineFraction() || counts.accepted() == 0) {
      throw new DataRefusedException(
          "%s %s %s"
              .formatted(
                  message,
                  state,
                  counts.accepted() == 0
                      ? "No row was accepted, so there is nothing to ingest: correct the source."
                      : "Correct the source, or raise data.max-quarantine-fraction if so many bad rows are expected."),
          new RefusedSource(counts, quarantine, byRule));
    }
    LOG.warn(message);
  }
}
