package sparkmlflow.wire;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** As whom one request is sent. */
public sealed interface Credentials {

  /** The value of the {@code Authorization} header, if there is to be one. */
  Optional<String> authorization();

  /** Every form in which the secret could turn up in a text. */
  List<String> secrets();

  /** No login. */
  record Anonymous() implements Credentials {
    @Override
    public Optional<String> authorization() {
      return Optional.empty();
    }

    @Override
    public List<String> secrets() {
      return List.of();
    }
  }

  /** User name and password, in UTF-8 as RFC 7617 has it. */
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

  /** A token. */
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
