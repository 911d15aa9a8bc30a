package sparkmlflow.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A linear model as one small file for {@code mlflow.onnx} and every other ONNX runtime. */
record OnnxFlavor(GraphForm.Linear form, ModelSettings settings) implements Flavor {

  private static final String DATA = "model.onnx";

  @Override
  public Written write(FittedModel model, ModelIdentity identity, Path directory)
      throws IOException {
    Files.write(
        directory.resolve(DATA), OnnxGraph.of(form, metadata(model, identity)).toByteArray());
    return new Written(
        "onnx",
        Map.of(
            "data",
            DATA,
            "onnx_version",
            settings.onnxVersion(),
            // Python's default names CUDA first, which warns at each load without a GPU
            "providers",
            List.of("CPUExecutionProvider"),
            // threads do not pay off for one product of a narrow matrix
            "onnx_session_options",
            new TreeMap<>(Map.of("inter_op_num_threads", 1, "intra_op_num_threads", 1))),
        "mlflow.onnx",
        DATA,
        List.of(
            "onnx==" + settings.onnxVersion(), "onnxruntime==" + settings.onnxruntimeVersion()));
  }

  /** The model's metadata, and four keys that it cannot overwrite. */
  private Map<String, String> metadata(FittedModel model, ModelIdentity identity) {
    Map<String, String> metadata = new LinkedHashMap<>(model.metadata());
    metadata.put("run_id", identity.runId());
    metadata.put("model_uuid", identity.modelUuid());
    metadata.put("feature_names", ModelText.json(form.inputs()));
    metadata.put(OnnxGraph.LINEAR, form.toJson());
    return metadata;
  }
}
