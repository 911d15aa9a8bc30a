package sparkmlflow.tracking;

import java.util.Map;

/**
 * A run in an answer, perhaps in the server's trash. Its artifact root ends without a slash; the
 * metrics are the latest values.
 */
public record Run(
    String id,
    String experimentId,
    String artifactUri,
    RunStatus status,
    boolean deleted,
    Map<String, String> params,
    Map<String, Double> metrics,
    Map<String, String> tags) {

  public Run {
    artifactUri = artifactUri.replaceAll("/+$", "");
    params = Map.copyOf(params);
    metrics = Map.copyOf(metrics);
    tags = Map.copyOf(tags);
  }
}
