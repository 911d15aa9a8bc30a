package sparkmlflow.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One version of a registered model at the time of the answer.
 *
 * @param version its number, as the registry writes it
 * @param stage {@code None} without one; meaningful only in registries with stages
 * @param source URI of its files, as registered
 * @param runId run that its files belong to; empty if none was named
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

  public enum Status {
    PENDING,
    READY,
    FAILED
  }

  public ModelVersion {
    aliases = List.copyOf(aliases);
    tags = Map.copyOf(tags);
  }

  /** The version as a number; newer versions have higher numbers. */
  public long number() {
    return Long.parseLong(version);
  }

  /** The value of a tag; empty if it is missing or blank. */
  public Optional<String> tag(String key) {
    return Optional.ofNullable(tags.get(key)).filter(value -> !value.isBlank());
  }
}
