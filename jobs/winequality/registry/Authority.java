package winequality.registry;

import java.time.Instant;

/**
 * Who changes a role, and why.
 *
 * @param who a person's or a job's name
 * @param reason may be empty
 */
public record Authority(String who, String reason, Instant when) {}
