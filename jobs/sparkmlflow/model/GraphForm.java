package sparkmlflow.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.spark.ml.PipelineModel;

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

  /**
   * A pipeline is linear if it ends with a {@code LinearRegressionModel} on vectors that {@link
   * GraphReader} can follow back to the inputs. Reading the surrogates of an {@code ImputerModel}
   * runs a small Spark job.
   */
  static GraphForm of(PipelineModel pipeline, ModelSignature signature) {
    return GraphReader.read(pipeline, signature);
  }
}
