package testing;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** ONNX Runtime in this JVM, a consumer that knows neither Spark nor MLflow. */
public final class OnnxOnTheJvm implements AutoCloseable {

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** Loads the file. */
  public OnnxOnTheJvm(Path model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      session = environment.createSession(model.toString(), options);
    }
  }

  /**
   * One prediction for each row, from the input {@code features} to the output {@code prediction}.
   */
  public List<Double> predict(double[][] features) throws OrtException {
    return predict(OnnxTensor.createTensor(environment, features));
  }

  /** The same for a model with categories, which takes each cell as text. */
  public List<Double> predict(String[][] features) throws OrtException {
    return predict(OnnxTensor.createTensor(environment, features));
  }

  private List<Double> predict(OnnxTensor features) throws OrtException {
    try (OnnxTensor tensor = features;
        OrtSession.Result result = session.run(Map.of("features", tensor))) {
      double[][] rows = (double[][]) result.get("prediction").orElseThrow().getValue();
      return Arrays.stream(rows).map(row -> row[0]).toList();
    }
  }

  /** What the file says about itself. */
  public Map<String, String> metadata() throws OrtException {
    return session.getMetadata().getCustomMetadata();
  }

  /** Names of what goes in and what comes out. */
  public List<String> names() {
    return List.of(session.getInputNames().toString(), session.getOutputNames().toString());
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
