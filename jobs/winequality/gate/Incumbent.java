package winequality.gate;

import java.util.List;
import java.util.Optional;
import winequality.data.profile.TableProfile;
import winequality.metrics.PairedComparison;

/** What is in production while a new version stands before the gate. */
public sealed interface Incumbent {

  /** The champion's number; empty if there is none. */
  default Optional<String> champion() {
    return this instanceof Version found ? Optional.of(found.version()) : Optional.empty();
  }

  /** Nothing is: this is the first version that could be promoted. */
  record None() implements Incumbent {}

  /** A version is. */
  sealed interface Version extends Incumbent {
    String version();
  }

  /**
   * A version whose files cannot be had or loaded, so that nothing can be compared with it.
   *
   * @param why a sentence with a full stop
   */
  record Unreadable(String version, String why) implements Version {}

  /**
   * A version that is called otherwise: whoever calls it could not call the new one.
   *
   * @param differences at least one, as {@code ModelSignature} tells them
   */
  record OtherSignature(String version, List<String> differences) implements Version {
    public OtherSignature {
      differences = List.copyOf(differences);
      if (differences.isEmpty()) {
        throw new IllegalArgumentException("Signatures without a difference are the same");
      }
    }
  }

  /**
   * A version that has predicted the same holdout rows.
   *
   * @param comparison challenger less champion
   * @param reference profile of the table that the champion was trained from; empty if its run has
   *     none
   */
  record Compared(String version, PairedComparison comparison, Optional<TableProfile> reference)
      implements Version {}
}
