package winequality.mlflow;

import java.util.List;

/** One version of a registered model as the server has it at the moment of the answer. */
public record ModelVersion(
    String name, String version, Status status, String statusMessage, List<String> aliases) {

  /** Whether its files can be had. */
  public enum Status {
    PENDING,
    READY,
    FAILED
  }

  public ModelVersion {
    aliases = List.copyOf(aliases);
  }
}
