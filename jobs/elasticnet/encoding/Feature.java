package elasticnet.encoding;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** A column that predicts, and what the model makes of it. */
public sealed interface Feature {

  /** The column's name in the table. */
  String name();

  /** The names of the model's columns that it becomes, in their order; there may be none. */
  List<String> modelColumns();

  /** A double, neither null nor NaN, which the model takes as it is. */
  record Numeric(String name) implements Feature {
    @Override
    public List<String> modelColumns() {
      return List.of(name);
    }
  }

  /** A double that may be null or NaN, which is filled. */
  record Gap(String name, Fill fill, Indicator indicator) implements Feature {

    public enum Fill {
      /** The mean of the values that the train rows have. */
      MEAN,
      ZERO
    }

    public enum Indicator {
      NONE,
      /**
       * The model has one more column, "name missing": 1 where the value is filled, 0 elsewhere.
       */
      ADDED
    }

    @Override
    public List<String> modelColumns() {
      return indicator == Indicator.ADDED ? List.of(name, name + " missing") : List.of(name);
    }
  }

  /**
   * A string, one of several levels. Each level but the first, which is the base level, has a
   * column "name=level" of zeros and ones, as in R's treatment contrasts.
   *
   * @param levels at least one, all different; the base level first
   * @param unknown what happens to other strings and to null
   */
  record Category(String name, List<String> levels, Unknown unknown) implements Feature {

    public enum Unknown {
      /** A row with an unknown level is an error. */
      QUARANTINE,
      /** Unknown levels share the column "name unknown". */
      OTHER,
      /** Unknown levels count as the base level. */
      BASE
    }

    public Category {
      levels = List.copyOf(levels);
      if (levels.isEmpty() || new HashSet<>(levels).size() < levels.size()) {
        throw new IllegalArgumentException(
            "The category \"%s\" has the levels %s; it must have at least one, and none twice"
                .formatted(name, levels));
      }
    }

    @Override
    public List<String> modelColumns() {
      List<String> columns = new ArrayList<>();
      levels.stream().skip(1).forEach(level -> columns.add(name + "=" + level));
      if (unknown == Unknown.OTHER) {
        columns.add(name + " unknown");
      }
      return columns;
    }
  }
}
