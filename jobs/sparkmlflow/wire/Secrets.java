package sparkmlflow.wire;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Replaces the secrets of a connection by {@code ****} in texts and exceptions.
 *
 * <p>It remembers every credential that was sent, because an answer may repeat one that was
 * replaced meanwhile.
 */
public final class Secrets {

  public static final String MASK = "****";

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /** How a secret setting is printed: the mask, or nothing if it is empty. */
  public static String shown(String secret) {
    return secret.isEmpty() ? "" : MASK;
  }

  /** What is wrong with a secret that a header cannot carry; the HTTP library would print it. */
  public static Optional<String> unsendable(String name, String value) {
    return value.chars().anyMatch(Character::isISOControl)
        ? Optional.of(name + " is " + MASK + ", which contains a control character or line break")
        : Optional.empty();
  }

  public Credentials remember(Credentials credentials) {
    remember(credentials.secrets());
    return credentials;
  }

  public void remember(SignedUrl url) {
    remember(url.secrets());
  }

  private void remember(List<String> secrets) {
    secrets.stream().filter(secret -> !secret.isEmpty()).forEach(known::add);
  }

  public String masked(String text) {
    String masked = text;
    // the longest first: one secret may be part of another
    for (String secret :
        known.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList()) {
      masked = masked.replace(secret, MASK);
    }
    return masked;
  }

  /** The throwable, or a masked copy with the same stack traces if it or a cause holds a secret. */
  Throwable masked(Throwable thrown) {
    return holdsSecret(thrown, 0) ? copy(thrown, 0) : thrown;
  }

  private boolean holdsSecret(Throwable thrown, int depth) {
    String text = thrown.toString();
    return depth > 20
        || !masked(text).equals(text)
        || (thrown.getCause() != null && holdsSecret(thrown.getCause(), depth + 1))
        || Arrays.stream(thrown.getSuppressed()).anyMatch(s -> holdsSecret(s, depth + 1));
  }

  private Throwable copy(Throwable thrown, int depth) {
    Exception copy = new MaskedException(masked(thrown.toString()));
    copy.setStackTrace(thrown.getStackTrace());
    if (thrown.getCause() != null && depth < 20) {
      copy.initCause(copy(thrown.getCause(), depth + 1));
    }
    return copy;
  }

  private static final class MaskedException extends Exception {
    private static final long serialVersionUID = 1L;

    MaskedException(String message) {
      super(message);
    }
  }
}
