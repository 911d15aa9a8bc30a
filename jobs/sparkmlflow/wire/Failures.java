package sparkmlflow.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowException.Outlook;

/** Turns what came back, or did not, into an exception that says what to do. */
public final class Failures {

  private static final int SHOWN = 500;

  // how workspaces say with 403 what others say with 401 (from reading; not seen in one)
  private static final Pattern NO_TOKEN =
      Pattern.compile("(?i)(invalid|expired) (access )?token|token (is|has) (invalid|expired)");

  private final Secrets secrets;
  private final Advice advice;

  public Failures(Secrets secrets, Advice advice) {
    this.secrets = secrets;
    this.advice = advice;
  }

  /** Whether an answer means that the login was not accepted, not that it may not do this. */
  public static boolean refusedLogin(int status, String body) {
    return status == 401 || (status == 403 && NO_TOKEN.matcher(body).find());
  }

  /** An answer with a status outside 200 to 299. */
  MlflowException answer(
      String operation,
      String request,
      int status,
      @Nullable String location,
      @Nullable String retryAfter,
      String body,
      @Nullable Throwable cause) {
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
    Outlook outlook = Outlook.FINAL;
    if (mayPass(status)) {
      outlook = status == 429 ? Outlook.NOT_DONE : Outlook.UNKNOWN;
    }
    String why =
        "%s answered %d with %s.%s"
            .formatted(request, status, said, advice(status, body, location));
    return new MlflowException(
        status,
        errorCode,
        outlook,
        retryAfter(retryAfter),
        MlflowException.message(operation, secrets.masked(why)),
        masked(cause));
  }

  // 501 and 505 say that the server does not know how, and it will not learn it meanwhile
  private static boolean mayPass(int status) {
    return status == 408
        || status == 429
        || (status >= 500 && status <= 599 && status != 501 && status != 505);
  }

  /** A status of success with something else than a JSON object in it. */
  MlflowException notJson(String operation, String request, int status, String body) {
    String why =
        "%s answered %d with %s instead of JSON, so it is not MLflow's API that answered, perhaps a login page or a proxy; check %s and its path prefix."
            .formatted(
                request,
                status,
                looksLikeHtml(body) ? "an HTML page" : "\"" + shown(body) + "\"",
                advice.addressSetting());
    return new MlflowException(
        status,
        null,
        Outlook.FINAL,
        null,
        MlflowException.message(operation, secrets.masked(why)),
        null);
  }

  /** No answer within the time limit. */
  MlflowException timeout(String operation, String request, Duration limit, String key) {
    return MlflowException.unanswered(
        operation,
        Outlook.UNKNOWN,
        secrets.masked(
            "%s gave no complete answer within %s (%s). The server is slow, overloaded or behind a proxy that swallows the call."
                .formatted(request, seconds(limit), key)),
        null);
  }

  /** The connection was not made, or broke. */
  MlflowException broken(String operation, String request, URI server, IOException cause) {
    String host = server.getAuthority();
    Outlook outlook = Outlook.UNKNOWN;
    String why;
    if (has(cause, UnresolvedAddressException.class)
        || has(cause, java.net.UnknownHostException.class)) {
      outlook = Outlook.NOT_DONE;
      why = "the host name of " + host + " is not known. Check " + advice.addressSetting() + ".";
    } else if (has(cause, java.net.http.HttpConnectTimeoutException.class)) {
      outlook = Outlook.NOT_DONE;
      why =
          host
              + " did not take the connection within the connect timeout. Is it the right"
              + " address, and does a firewall stand between?";
    } else if (has(cause, ConnectException.class)) {
      outlook = Outlook.NOT_DONE;
      why = "no connection to " + host + ". " + advice.down();
    } else if (String.valueOf(cause.getMessage()).contains("Tunnel failed")) {
      // java.net.http says it so when a proxy does not open the way to an https address
      return MlflowException.refused(
          operation,
          secrets.masked(
              "the proxy on the way does not let this job through to %s (%s). Ask for the way to be opened, or set -Dhttps.proxyHost, -Dhttps.proxyPort and -Dhttp.nonProxyHosts."
                  .formatted(host, cause.getMessage())),
          secrets.masked(cause));
    } else if (has(cause, SSLException.class)) {
      return MlflowException.refused(
          operation,
          secrets.masked(
              "%s failed in TLS: %s. Check that the server speaks https and that this Java trusts its certificate."
                  .formatted(request, cause.getMessage())),
          secrets.masked(cause));
    } else {
      why = request + " broke off: " + cause.getMessage() + ".";
    }
    return MlflowException.unanswered(
        operation, outlook, secrets.masked(why), secrets.masked(cause));
  }

  /** The job is being stopped. */
  MlflowException interrupted(String operation, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return MlflowException.refused(operation, "the thread was interrupted.", cause);
  }

  /** Anything that a library threw without an answer of the server. */
  MlflowException unexpected(String operation, String request, Throwable cause) {
    return MlflowException.refused(
        operation, secrets.masked(request + " failed: " + cause), secrets.masked(cause));
  }

  private @Nullable Throwable masked(@Nullable Throwable cause) {
    return cause == null ? null : secrets.masked(cause);
  }

  private String advice(int status, String body, @Nullable String location) {
    return switch (status) {
      case 301, 302, 303, 307, 308 ->
          " It points to "
              + (location == null ? "another address" : location.replaceAll("[?#].*", ""))
              + "; redirections are not followed, since credentials would travel along: set "
              + advice.addressSetting()
              + " to the final address.";
      case 401 -> " " + advice.login();
      case 403 -> " " + (refusedLogin(status, body) ? advice.login() : advice.permission());
      case 407 ->
          " It is the proxy on the way that wants a login: set -Dhttps.proxyHost and"
              + " -Dhttps.proxyPort to one that lets this job through.";
      case 404 ->
          looksLikeHtml(body)
              ? " No MLflow API lives at this address, or the server is too old for the call: check"
                  + " "
                  + advice.addressSetting()
                  + " and its path prefix."
              : "";
      case 413 -> " A proxy before the server limits the size of a request: raise its limit.";
      default -> "";
    };
  }

  private static @Nullable Duration retryAfter(@Nullable String header) {
    if (header == null) {
      return null;
    }
    try {
      return Duration.ofSeconds(Math.max(0, Long.parseLong(header.strip())));
    } catch (NumberFormatException notSeconds) {
      try {
        Instant until =
            ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        Duration rest = Duration.between(Instant.now(), until);
        return rest.isNegative() ? Duration.ZERO : rest;
      } catch (DateTimeException unreadable) {
        return null;
      }
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

  private static boolean has(Throwable thrown, Class<? extends Throwable> type) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (type.isInstance(cause)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  // masked first: a secret that was cut, or whose blanks were joined, would not be recognised
  private String shown(String text) {
    String line = secrets.masked(text).replaceAll("\\s+", " ").strip();
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }
}
