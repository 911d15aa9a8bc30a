package winequality.gate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Who changes a role, when and why.
 *
 * @param who name of a person or a job
 * @param reason may be empty
 * @param when truncated to the second
 */
public record Authority(String who, String reason, Instant when) {
  public Authority {
    when = when.truncatedTo(ChronoUnit.SECONDS);
  }
}
