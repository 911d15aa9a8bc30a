package sparkmlflow.wire;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The login of one request. */
public sealed interface Credentials {

  /** The value of the {@code Authorization} header, if one is sent. */
  default Optional<String> authorization() {
    return Optional.empty();
  }

  /** Every form in which the secret could appear in a text. */
  default List<String> secrets() {
    return List.of();
  }

  /** Asked before every request, so that it alone replaces a token that expires in a long job. */
  @FunctionalInterface
  interface Source {

    Credentials current();

    /** Whether they differ from those that a server refused, so a retry may help. */
    default boolean renewed(Credentials refused) {
      return !current().equals(refused);
    }
  }

  record Anonymous() implements Credentials {}

  /** User name and password, encoded in UTF-8 (RFC 7617). */
  record Basic(String username, String password) implements Credentials {
    @Override
    public Optional<String> authorization() {
      return Optional.of("Basic " + encoded());
    }

    @Override
    public List<String> secrets() {
      return List.of(encoded(), password, URLEncoder.encode(password, StandardCharsets.UTF_8));
    }

    private String encoded() {
      byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
      return Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
      return "Basic[" + username + ":" + Secrets.MASK + "]";
    }
  }

  record Bearer(String token) implements Credentials {
    @Override
    public Optional<String> authorization() {
      return Optional.of("Bearer " + token);
    }

    @Override
    public List<String> secrets() {
      return List.of(token, URLEncoder.encode(token, StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Bearer[" + Secrets.MASK + "]";
    }
  }
}
