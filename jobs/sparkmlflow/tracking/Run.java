package sparkmlflow.tracking;

import java.util.Map;

/**
 * A run as the server has it at the moment of the answer.
 *
 * @param artifactUri where its files belong, without a slash at the end
 * @param metrics the latest value of each
 * @param deleted whether it stands in the server's trash
 */
public record Run(
    String id,
    String experimentId,
    String name,
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
