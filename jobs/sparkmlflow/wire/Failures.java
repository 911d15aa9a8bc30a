package sparkmlflow.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowException.Outlook;
import sparkmlflow.wire.HttpExchange.Call;

/** Turns a bad or missing answer into an exception that says what to do. */
public record Failures(Secrets secrets, Advice advice) {

  private static final int SHOWN = 500;

  private static final String PROXY =
      "Set HTTPS_PROXY or HTTP_PROXY (for the JVM -Dhttps.proxyHost, -Dhttp.proxyHost) to the proxy of this network.";

  // workspaces answer 403 with such a text where others answer 401 (from documentation, never seen)
  private static final Pattern NO_TOKEN =
      Pattern.compile("(?i)(invalid|expired) (access )?token|token (is|has) (invalid|expired)");

  /** Whether an answer rejects the login itself, rather than a permission. */
  public static boolean refusedLogin(int status, String body) {
    return status == 401 || (status == 403 && NO_TOKEN.matcher(body).find());
  }

  /** An answer with a status outside 200 to 299. */
  MlflowException answer(
      Call call, int status, @Nullable String location, @Nullable String retryAfter, String body) {
    String errorCode = null;
    String said;
    JsonNode error = object(body);
    String code = error == null ? "" : error.path("error_code").asText("");
    if (error != null && !code.isEmpty()) {
      errorCode = secrets.masked(code);
      said = errorCode + ": " + shown(error.path("message").asText());
    } else if (error != null && error.path("error").isTextual()) {
      // RFC 6749
      said = shown(error.path("error").asText() + ": " + error.path("error_description").asText());
    } else if (looksLikeHtml(body)) {
      said = "an HTML page instead of JSON";
    } else if (body.isBlank()) {
      said = "no text";
    } else {
      said = shown(body);
    }
    Outlook outlook =
        switch (status) {
          case 429 -> Outlook.NOT_DONE;
          // the server does not support the call
          case 501, 505 -> Outlook.FINAL;
          default -> status == 408 || status / 100 == 5 ? Outlook.UNKNOWN : Outlook.FINAL;
        };
    String why =
        "%s answered %d with %s.%s"
            .formatted(call.named(), status, said, advice(status, body, location));
    return new MlflowException(
        status,
        errorCode,
        outlook,
        retryAfter(retryAfter),
        MlflowException.message(call.operation(), secrets.masked(why)),
        null);
  }

  /** A 2xx answer that is not a JSON object. */
  MlflowException notJson(Call call, int status, String body) {
    String why =
        "%s answered %d with %s instead of JSON, so something other than MLflow's API answered, perhaps a login page or a proxy; check %s and its path prefix."
            .formatted(
                call.named(),
                status,
                looksLikeHtml(body) ? "an HTML page" : "\"" + shown(body) + "\"",
                advice.addressSetting());
    String message = MlflowException.message(call.operation(), secrets.masked(why));
    return new MlflowException(status, null, Outlook.FINAL, null, message, null);
  }

  MlflowException timeout(Call call) {
    String why =
        "%s gave no complete answer within %s (%s). The server is slow, overloaded or behind a proxy that swallows the call."
            .formatted(call.named(), seconds(call.limit()), call.limitKey());
    return MlflowException.unanswered(call.operation(), Outlook.UNKNOWN, secrets.masked(why), null);
  }

  /**
   * @param proxy host and port of the proxy on the way
   */
  MlflowException broken(Call call, IOException thrown, Optional<String> proxy) {
    String server = call.uri().getAuthority();
    String host =
        proxy.map(name -> "the proxy " + name + " on the way to " + server).orElse(server);
    Outlook outlook;
    String why;
    if (cause(thrown, UnresolvedAddressException.class).isPresent()
        || cause(thrown, UnknownHostException.class).isPresent()) {
      outlook = Outlook.NOT_DONE;
      why =
          proxy.isPresent()
              ? "the host name of " + host + " is not known. " + PROXY
              : "the host name of %s is not known. Check %s. If only a proxy knows it: %s"
                  .formatted(host, advice.addressSetting(), PROXY);
    } else if (cause(thrown, HttpConnectTimeoutException.class).isPresent()) {
      outlook = Outlook.NOT_DONE;
      why =
          host
              + " did not accept the connection within the connect timeout. Is the address right,"
              + " and does a firewall block it?";
    } else if (cause(thrown, ConnectException.class).isPresent()) {
      outlook = Outlook.NOT_DONE;
      why = "no connection to " + host + ". " + (proxy.isPresent() ? PROXY : advice.down());
    } else if (String.valueOf(thrown.getMessage())
        .matches(".*Tunnel failed, got: (408|429|5..).*")) {
      // java.net.http's words if a proxy opens no tunnel to an https address
      outlook = Outlook.NOT_DONE;
      why = host + " cannot reach that server (" + thrown.getMessage() + ").";
    } else if (String.valueOf(thrown.getMessage()).contains("Tunnel failed")) {
      outlook = Outlook.FINAL;
      why =
          "%s does not let this job through (%s). Ask for access, or name %s in NO_PROXY if it can be reached without a proxy."
              .formatted(host, thrown.getMessage(), call.uri().getHost());
    } else if (cause(thrown, SSLException.class).isPresent()) {
      outlook = Outlook.FINAL;
      why =
          "%s failed in TLS: %s. Check that the server speaks https. A private authority is trusted by %s, a file of PEM certificates."
              .formatted(call.named(), thrown.getMessage(), advice.trust());
    } else {
      outlook = Outlook.UNKNOWN;
      why = call.named() + " broke off: " + thrown.getMessage() + ".";
    }
    return MlflowException.unanswered(
        call.operation(), outlook, secrets.masked(why), secrets.masked(thrown));
  }

  /** The thread was interrupted, because the job is being stopped. */
  MlflowException interrupted(Call call, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return MlflowException.refused(call.operation(), "the job was interrupted.", cause);
  }

  MlflowException unexpected(Call call, Throwable cause) {
    String why = secrets.masked(call.named() + " failed: " + cause);
    return MlflowException.refused(call.operation(), why, secrets.masked(cause));
  }

  private String advice(int status, String body, @Nullable String location) {
    return switch (status) {
      case 301, 302, 303, 307, 308 ->
          " It points to "
              + (location == null ? "another address" : location.replaceAll("[?#].*", ""))
              + "; redirects are not followed, because they would forward credentials: set "
              + advice.addressSetting()
              + " to the final address.";
      case 401 -> " " + advice.login();
      case 403 ->
          body.contains("Invalid Host header")
              ? " The server does not accept this host name: start it with --allowed-hosts, or use a name that it accepts."
              : " " + (refusedLogin(status, body) ? advice.login() : advice.permission());
      case 407 ->
          " The proxy on the way demands another login: set HTTPS_PROXY or HTTP_PROXY to"
              + " http://user:password@host:port. For https addresses, Java sends it only with"
              + " -Djdk.http.auth.tunneling.disabledSchemes=";
      case 404 ->
          looksLikeHtml(body)
              ? " No MLflow API answers at this address, or the server is too old for the call: check %s and its path prefix. Before MLflow 3.12, a server has its API outside of its --static-prefix."
                  .formatted(advice.addressSetting())
              : "";
      case 413 -> " A proxy in front of the server limits the size of requests: raise its limit.";
      default -> "";
    };
  }

  // seconds or a date (RFC 9110)
  private static @Nullable Duration retryAfter(@Nullable String header) {
    if (header == null) {
      return null;
    }
    String text = header.strip();
    try {
      Duration wait =
          text.matches("[+-]?\\d+")
              ? Duration.ofSeconds(Long.parseLong(text))
              : Duration.between(
                  Instant.now(),
                  ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (NumberFormatException | DateTimeException unreadable) {
      return null;
    }
  }

  private static @Nullable JsonNode object(String body) {
    if (!body.stripLeading().startsWith("{")) {
      return null;
    }
    try {
      return RestCalls.JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static boolean looksLikeHtml(String body) {
    String start = body.stripLeading();
    return start.regionMatches(true, 0, "<!doctype html", 0, 14)
        || start.regionMatches(true, 0, "<html", 0, 5);
  }

  private static <T extends Throwable> Optional<T> cause(Throwable thrown, Class<T> type) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  // masks first: a truncated secret, or one with joined blanks, would not be recognised
  private String shown(String text) {
    String line = secrets.masked(text).replaceAll("\\s+", " ").strip();
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }
}
