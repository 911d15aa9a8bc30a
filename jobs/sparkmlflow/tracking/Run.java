package sparkmlflow.tracking;

import java.util.Map;

/**
 * A run as the server described it in an answer.
 *
 * @param artifactUri its artifact root, without a slash at the end
 * @param metrics the latest value of each
 * @param deleted whether it is in the server's trash
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
