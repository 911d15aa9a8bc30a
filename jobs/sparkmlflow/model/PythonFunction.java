package sparkmlflow.model;

/** Which flavor answers {@code python_function} if the model has both. */
public enum PythonFunction {
  /** ONNX Runtime computes the linear function: milliseconds a request, no Spark to install. */
  ONNX,

  /** The consumer's Spark session applies the whole pipeline: it takes seconds to start. */
  SPARK
}
