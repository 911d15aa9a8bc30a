package sparkmlflow;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Time limits and attempts of a call. Each duration is above 0 and at most 1 hour.
 *
 * @param connectTimeout limit for opening a connection
 * @param requestTimeout limit for one call, from sending to the last byte of the answer
 * @param uploadTimeout limit for 256 MiB of a file; a larger one gets more in proportion
 * @param maxAttempts how often one call is sent at most, 1 to 20
 * @param backoff the pause before the second attempt; it doubles before each further one
 * @param uploadThreads how many files are transferred at once, 1 to 64
 * @param patience how long calls may fail, all together, once a server has answered
 * @param network proxies and certificates
 */
public record HttpSettings(
    Duration connectTimeout,
    Duration requestTimeout,
    Duration uploadTimeout,
    int maxAttempts,
    Duration backoff,
    int uploadThreads,
    Duration patience,
    NetworkSettings network) {

  private static final Duration LONGEST = Duration.ofHours(1);

  /**
   * 10 s to connect, 30 s a call, 5 minutes for 256 MiB of a file, 4 files at once, 3 minutes of
   * failed calls.
   */
  public static final HttpSettings DEFAULT =
      new HttpSettings(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          20,
          Duration.ofMillis(500),
          4,
          Duration.ofMinutes(3),
          NetworkSettings.NONE);

  /** Throws {@link IllegalArgumentException} with one line per bad value, led by its name. */
  public HttpSettings {
    List<String> problems = new ArrayList<>();
    requirePositive("connectTimeout", connectTimeout, problems);
    requirePositive("requestTimeout", requestTimeout, problems);
    requirePositive("uploadTimeout", uploadTimeout, problems);
    requirePositive("backoff", backoff, problems);
    requirePositive("patience", patience, problems);
    requireBetween("maxAttempts", maxAttempts, 1, 20, problems);
    requireBetween("uploadThreads", uploadThreads, 1, 64, problems);
    MlflowSettings.refuseAny(problems);
  }

  HttpSettings with(NetworkSettings other) {
    return new HttpSettings(
        connectTimeout,
        requestTimeout,
        uploadTimeout,
        maxAttempts,
        backoff,
        uploadThreads,
        patience,
        other);
  }

  private static void requirePositive(String name, Duration value, List<String> problems) {
    if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
      problems.add(name + " is " + value + "; it must be more than 0 and at most 1 hour");
    }
  }

  private static void requireBetween(
      String name, int value, int least, int most, List<String> problems) {
    if (value < least || value > most) {
      problems.add(name + " is " + value + "; it must lie between " + least + " and " + most);
    }
  }
}
