package winequality.gate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Who changes a role, and why.
 *
 * @param who a person's or a job's name
 * @param reason may be empty
 * @param when to the second
 */
public record Authority(String who, String reason, Instant when) {
  public Authority {
    when = when.truncatedTo(ChronoUnit.SECONDS);
  }
}
