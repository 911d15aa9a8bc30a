package winequality.data;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;

/** What the values of a column are, and how a missing or unknown one is treated. */
public sealed interface ColumnKind extends Serializable {

  /** A number without gaps, as labels are. */
  ColumnKind NUMBER = new Numeric(Missing.QUARANTINE, Indicator.NONE);

  /** How a missing number is treated. */
  enum Missing {
    /** The row is refused. */
    QUARANTINE,
    /** The model takes the mean of the train rows. */
    MEAN,
    /** The model takes 0. */
    ZERO
  }

  /** A finite number. */
  record Numeric(Missing missing, Indicator indicator) implements ColumnKind {
    public Numeric {
      if (missing == Missing.QUARANTINE && indicator == Indicator.ADDED) {
        throw new IllegalArgumentException(
            "has missing-indicator = true, but rows with a missing value are quarantined; set missing = mean or zero");
      }
    }

    @Override
    public boolean mayBeMissing() {
      return missing != Missing.QUARANTINE;
    }
  }

  /**
   * One of a few texts.
   *
   * @param levels the first one is the base level; empty if they are to be found in the table
   * @param minRows found levels in fewer rows count as unknown; at least 1
   */
  record Category(List<String> levels, Unknown unknown, long minRows) implements ColumnKind {
    public Category {
      levels = List.copyOf(levels);
      if (levels.size() == 1) {
        throw new IllegalArgumentException(
            "has one level, %s; a category needs two or more".formatted(levels));
      }
      if (levels.stream().anyMatch(level -> level.isBlank() || !level.equals(level.strip()))) {
        throw new IllegalArgumentException(
            "has a level that is blank or begins or ends with a space, among %s".formatted(levels));
      }
      if (new HashSet<>(levels).size() < levels.size()) {
        throw new IllegalArgumentException("has a level twice, in %s".formatted(levels));
      }
      if (minRows < 1 || (minRows > 1 && (!levels.isEmpty() || unknown == Unknown.QUARANTINE))) {
        throw new IllegalArgumentException(
            "has min-rows = %d; it must be at least 1, and needs unknown = other or base and no levels"
                .formatted(minRows));
      }
    }

    @Override
    public boolean mayBeMissing() {
      return unknown != Unknown.QUARANTINE;
    }
  }

  /** How much a row counts: a finite number, at least 0. */
  record Weight() implements ColumnKind {
    @Override
    public boolean mayBeMissing() {
      return false;
    }
  }

  /**
   * Whether a row may lack the value; the table then has null. Not a default method: with one, a
   * record could not be initialised before NUMBER, and two threads could wait for each other.
   */
  boolean mayBeMissing();
}
