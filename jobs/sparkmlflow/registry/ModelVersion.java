package sparkmlflow.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One version of a registered model as the server has it at the moment of the answer.
 *
 * @param version its number, as the registry writes it
 * @param aliases every alias that points to it
 * @param stage one of the fixed stages, or {@code None}; of use in registries without aliases only
 * @param source where its files are, as it was registered
 * @param runId the run that its files belong to; empty if none was named
 * @param description Markdown
 */
public record ModelVersion(
    String name,
    String version,
    Status status,
    String statusMessage,
    List<String> aliases,
    String stage,
    String source,
    String runId,
    String description,
    Map<String, String> tags,
    Instant created) {

  /** Whether its files can be had. */
  public enum Status {
    PENDING,
    READY,
    FAILED
  }

  public ModelVersion {
    aliases = List.copyOf(aliases);
    tags = Map.copyOf(tags);
  }

  /** The version's number, by which an older version is told from a newer one. */
  public long number() {
    return Long.parseLong(version);
  }

  /** The value of a tag, if it is set to more than blanks. */
  public Optional<String> tag(String key) {
    return Optional.ofNullable(tags.get(key)).filter(value -> !value.isBlank());
  }
}
