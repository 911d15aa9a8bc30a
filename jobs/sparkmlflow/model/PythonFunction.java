package sparkmlflow.model;

/** Which flavor answers {@code python_function}, for models that have both. */
public enum PythonFunction {
  /** The linear function alone, by ONNX Runtime: milliseconds a request, no Spark to install. */
  ONNX,

  /** The whole pipeline, by a Spark session of the consumer: seconds to start. */
  SPARK
}
