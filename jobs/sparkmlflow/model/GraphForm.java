package sparkmlflow.model;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegressionModel;

/**
 * What a pipeline is as a graph of tensors: a linear function of the signature's inputs, or nothing
 * that this package writes.
 */
sealed interface GraphForm {

  /**
   * {@code prediction = intercept + Σ coefficient · input}.
   *
   * @param inputs names, in the order of the signature
   * @param coefficients one for each input, in its order; some may be zero
   */
  record Linear(List<String> inputs, List<Double> coefficients, double intercept)
      implements GraphForm {
    public Linear {
      inputs = List.copyOf(inputs);
      coefficients = List.copyOf(coefficients);
      if (inputs.size() != coefficients.size()) {
        throw new IllegalArgumentException(
            coefficients.size() + " coefficients for the " + inputs.size() + " inputs " + inputs);
      }
    }
  }

  /** A pipeline that only Spark can apply; the reason completes "for Spark only, since". */
  record SparkOnly(String reason) implements GraphForm {}

  /**
   * Linear are: a {@code VectorAssembler} of exactly the inputs, all of them required doubles, that
   * refuses missing values, and a {@code LinearRegressionModel} on what it assembles.
   */
  static GraphForm of(PipelineModel pipeline, ModelSignature signature) {
    Transformer[] stages = pipeline.stages();
    if (stages.length == 2
        && stages[0] instanceof VectorAssembler assembler
        && stages[1] instanceof LinearRegressionModel regression
        && regression.getFeaturesCol().equals(assembler.getOutputCol())
        && regression.getPredictionCol().equals("prediction")) {
      return of(signature, assembler, regression);
    }
    return new SparkOnly(
        "a graph is written for a VectorAssembler and a LinearRegressionModel behind it, not for "
            + Arrays.stream(stages).map(stage -> stage.getClass().getSimpleName()).toList());
  }

  private static GraphForm of(
      ModelSignature signature, VectorAssembler assembler, LinearRegressionModel regression) {
    List<String> assembled = List.of(assembler.getInputCols());
    List<String> inputs = signature.inputNames();
    boolean requiredDoubles =
        signature.inputs().stream()
            .allMatch(
                input ->
                    input.type() == ColumnType.DOUBLE
                        && input.presence() == ModelSignature.Presence.REQUIRED);
    if (!requiredDoubles
        || assembled.size() != inputs.size()
        || !new HashSet<>(assembled).equals(new HashSet<>(inputs))) {
      return new SparkOnly(
          "a graph is written for inputs that are required doubles and are assembled once each;"
              + " the signature has "
              + inputs
              + " and the VectorAssembler takes "
              + assembled);
    }
    if (!assembler.getHandleInvalid().equals("error")) {
      return new SparkOnly(
          "a graph refuses missing values, and the VectorAssembler's handleInvalid is "
              + assembler.getHandleInvalid());
    }
    return new Linear(
        inputs,
        inputs.stream()
            .map(input -> regression.coefficients().apply(assembled.indexOf(input)))
            .toList(),
        regression.intercept());
  }
}
