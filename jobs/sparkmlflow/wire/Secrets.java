package sparkmlflow.wire;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Replaces the secrets of a connection by {@code ****} in texts and exceptions.
 *
 * <p>Every credential that was ever sent is remembered, since an answer may repeat one that has
 * been replaced meanwhile.
 */
public final class Secrets {

  public static final String MASK = "****";

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /** A setting's secret as people see it: whether there is one. */
  public static String shown(String secret) {
    return secret.isEmpty() ? "" : MASK;
  }

  /**
   * What is wrong with a secret that no header can carry. The HTTP library would quote it in its
   * error.
   */
  public static Optional<String> unsendable(String name, String value) {
    return value.chars().anyMatch(Character::isISOControl)
        ? Optional.of(name + " is " + MASK + " with a control character or line break inside")
        : Optional.empty();
  }

  public Credentials remember(Credentials credentials) {
    credentials.secrets().stream().filter(secret -> !secret.isEmpty()).forEach(known::add);
    return credentials;
  }

  public void remember(SignedUrl url) {
    url.secrets().stream().filter(secret -> !secret.isEmpty()).forEach(known::add);
  }

  /** The text with every known secret replaced. */
  public String masked(String text) {
    String masked = text;
    // the longest first: one secret may be a part of another
    for (String secret :
        known.stream().sorted((a, b) -> Integer.compare(b.length(), a.length())).toList()) {
      masked = masked.replace(secret, MASK);
    }
    return masked;
  }

  /**
   * The throwable itself when no message in it, its causes or its suppressed ones holds a secret,
   * else a stand-in with the same stack trace and masked messages.
   */
  Throwable masked(Throwable thrown) {
    return holdsSecret(thrown, 0) ? standIn(thrown, 0) : thrown;
  }

  private boolean holdsSecret(Throwable thrown, int depth) {
    String text = thrown.toString();
    if (depth > 20 || !masked(text).equals(text)) {
      return true;
    }
    if (thrown.getCause() != null && holdsSecret(thrown.getCause(), depth + 1)) {
      return true;
    }
    return List.of(thrown.getSuppressed()).stream().anyMatch(s -> holdsSecret(s, depth + 1));
  }

  private Throwable standIn(Throwable thrown, int depth) {
    Exception standIn = new MaskedException(masked(thrown.toString()));
    standIn.setStackTrace(thrown.getStackTrace());
    if (thrown.getCause() != null && depth < 20) {
      standIn.initCause(standIn(thrown.getCause(), depth + 1));
    }
    return standIn;
  }

  private static final class MaskedException extends Exception {
    private static final long serialVersionUID = 1L;

    MaskedException(String message) {
      super(message);
    }
  }
}
