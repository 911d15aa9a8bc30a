package winequality.gate;

import java.util.List;
import java.util.Optional;
import winequality.data.profile.TableProfile;
import winequality.metrics.PairedComparison;

/** What is in production while the gate decides on a new version. */
public sealed interface Incumbent {

  /** The champion's version number; empty if there is none. */
  default Optional<String> champion() {
    return this instanceof Version found ? Optional.of(found.version()) : Optional.empty();
  }

  /** There is no champion yet. */
  record None() implements Incumbent {}

  /** There is a champion. */
  sealed interface Version extends Incumbent {
    String version();
  }

  /**
   * A version whose files are missing or cannot be loaded, or that refuses values of the table;
   * {@code why} ends with a full stop.
   */
  record Unreadable(String version, String why) implements Version {}

  /** A version with another input signature; there is at least one difference. */
  record OtherSignature(String version, List<String> differences) implements Version {
    public OtherSignature {
      differences = List.copyOf(differences);
      if (differences.isEmpty()) {
        throw new IllegalArgumentException("Other signatures need at least one difference");
      }
    }
  }

  /** A version that predicted the same rows, and the profile of its table, if its run has one. */
  record Compared(String version, PairedComparison comparison, Optional<TableProfile> reference)
      implements Version {}
}
