package sparkmlflow.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** Whether a pipeline can be written as a graph of tensors: only linear functions can. */
sealed interface GraphForm {

  /**
   * {@code prediction = intercept + Σ term}, one term for each of the signature's inputs, in their
   * order.
   */
  record Linear(List<Term> terms, double intercept) implements GraphForm {
    public Linear {
      terms = List.copyOf(terms);
    }

    List<String> inputs() {
      return terms.stream().map(Term::input).toList();
    }

    /** The levels of each text that refuses any other one, by its input. */
    Map<String, Set<String>> strictLevels() {
      Map<String, Set<String>> levels = new LinkedHashMap<>();
      for (Term term : terms) {
        if (term instanceof Category category && category.other().isEmpty()) {
          levels.put(term.input(), category.levels().keySet());
        }
      }
      return levels;
    }

    String toJson() {
      List<Map<String, Object>> list = new ArrayList<>();
      for (Term term : terms) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("input", term.input());
        if (term instanceof Numeric number) {
          map.put("coefficient", number.coefficient());
          if (number.isFilled()) {
            map.put("surrogate", number.surrogate());
            map.put("missing", number.missing());
          }
        } else if (term instanceof Category category) {
          map.put("levels", category.levels());
          category.other().ifPresent(other -> map.put("other", other));
        }
        list.add(map);
      }
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("intercept", intercept);
      json.put("terms", list);
      return ModelText.json(json);
    }

    /** Throws IllegalArgumentException for another text than that of {@link #toJson}. */
    static Linear ofJson(String text) {
      JsonNode json = ModelText.readJson(text);
      List<Term> terms = new ArrayList<>();
      for (JsonNode term : json.path("terms")) {
        String input = term.path("input").asText();
        if (term.has("levels")) {
          Map<String, Double> levels = new LinkedHashMap<>();
          term.path("levels")
              .properties()
              .forEach(level -> levels.put(level.getKey(), number(level.getValue())));
          terms.add(
              new Category(
                  input,
                  levels,
                  term.has("other")
                      ? OptionalDouble.of(number(term.path("other")))
                      : OptionalDouble.empty()));
        } else {
          terms.add(
              new Numeric(
                  input,
                  number(term.path("coefficient")),
                  term.has("surrogate") ? number(term.path("surrogate")) : Double.NaN,
                  term.has("missing") ? number(term.path("missing")) : 0.0));
        }
      }
      return new Linear(terms, number(json.path("intercept")));
    }

    private static double number(JsonNode node) {
      if (!node.isNumber()) {
        throw new IllegalArgumentException(node + " is not a number");
      }
      return node.doubleValue();
    }
  }

  /** What one input adds to the prediction. */
  sealed interface Term {
    String input();

    /** The input's type in the signature. */
    ColumnType type();
  }

  /**
   * {@code coefficient · value}; where the value is null or NaN, {@code coefficient · surrogate +
   * missing}.
   *
   * @param surrogate NaN if a missing value is refused
   * @param missing the indicator's coefficient; 0 without an indicator
   */
  record Numeric(String input, double coefficient, double surrogate, double missing)
      implements Term {
    boolean isFilled() {
      return !Double.isNaN(surrogate);
    }

    @Override
    public ColumnType type() {
      return ColumnType.DOUBLE;
    }
  }

  /**
   * The level's coefficient.
   *
   * @param levels at least one, in the order of their indices
   * @param other the coefficient of any other text and of null; empty if they are refused
   */
  record Category(String input, Map<String, Double> levels, OptionalDouble other) implements Term {
    public Category {
      levels = Collections.unmodifiableMap(new LinkedHashMap<>(levels));
    }

    @Override
    public ColumnType type() {
      return ColumnType.STRING;
    }
  }

  /** A pipeline that only Spark can apply; the reason completes "for Spark only, because". */
  record SparkOnly(String reason) implements GraphForm {}
}
