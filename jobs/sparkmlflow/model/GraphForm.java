package sparkmlflow.model;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegressionModel;

/** Whether a pipeline can be written as a graph of tensors: only linear functions can. */
sealed interface GraphForm {

  /** {@code prediction = intercept + Σ coefficient · input}, inputs in the signature's order. */
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

  /** A pipeline that only Spark can apply; the reason completes "for Spark only, because". */
  record SparkOnly(String reason) implements GraphForm {}

  /**
   * A pipeline is linear if it is a {@code VectorAssembler} and a {@code LinearRegressionModel} on
   * its output. The assembler must take exactly the inputs, all required doubles, and refuse
   * missing values.
   */
  static GraphForm of(PipelineModel pipeline, ModelSignature signature) {
    Transformer[] stages = pipeline.stages();
    if (!(stages.length == 2
        && stages[0] instanceof VectorAssembler assembler
        && stages[1] instanceof LinearRegressionModel regression
        && regression.getFeaturesCol().equals(assembler.getOutputCol())
        && regression.getPredictionCol().equals("prediction"))) {
      return new SparkOnly(
          "a graph is written for a VectorAssembler followed by a LinearRegressionModel, not for "
              + Arrays.stream(stages).map(stage -> stage.getClass().getSimpleName()).toList());
    }
    List<String> assembled = List.of(assembler.getInputCols());
    List<String> inputs = signature.inputNames();
    boolean requiredDoubles =
        signature.inputs().equals(ModelSignature.ofRegression(inputs).inputs());
    if (!requiredDoubles
        || !assembled.stream().sorted().toList().equals(inputs.stream().sorted().toList())) {
      return new SparkOnly(
          "a graph is written for inputs that are required doubles, each assembled once; the signature has %s and the VectorAssembler takes %s"
              .formatted(inputs, assembled));
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
