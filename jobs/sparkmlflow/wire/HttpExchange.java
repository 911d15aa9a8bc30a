package sparkmlflow.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends one request and returns its answer, up to the last byte within the time limit, or throws an
 * exception that names the call.
 */
public record HttpExchange(Transport transport, Failures failures) {

  /** A call, for messages; {@code limitKey} names its time limit. */
  public record Call(String operation, String method, URI uri, Duration limit, String limitKey) {

    private static final long BYTES_IN_A_LIMIT = 256L << 20;

    /** The transfer of so many bytes; the limit is for 256 MiB, and grows with what is above. */
    static Call transfer(String operation, String method, URI uri, Duration limit, long bytes) {
      double limits = Math.max(1.0, (double) bytes / BYTES_IN_A_LIMIT);
      Duration whole = Duration.ofMillis((long) (limit.toMillis() * limits));
      return new Call(operation, method, uri, whole, "upload timeout");
    }

    /** Method and address without the query, which may contain a signature. */
    String named() {
      return method + " " + uri.toString().replaceFirst("(?s)\\?.*", "");
    }
  }

  /** The answer with any status. */
  public HttpResponse<String> answer(Call call, HttpRequest request, BodyHandler<String> body) {
    // HttpRequest.timeout() ends with the headers of the answer, this one with its last byte
    CompletableFuture<HttpResponse<String>> sent = transport.send(request, body);
    try {
      return sent.get(call.limit().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw failures.timeout(call);
    } catch (InterruptedException e) {
      sent.cancel(true);
      throw failures.interrupted(call, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException broken) {
        throw failures.broken(call, broken, transport.proxy(call.uri()));
      }
      throw failures.unexpected(call, e.getCause() == null ? e : e.getCause());
    }
  }

  public HttpResponse<String> requireSuccess(Call call, HttpResponse<String> response) {
    if (response.statusCode() / 100 == 2) {
      return response;
    }
    throw failures.answer(
        call,
        response.statusCode(),
        response.headers().firstValue("Location").orElse(null),
        response.headers().firstValue("Retry-After").orElse(null),
        // none if a proxy refused the tunnel to an https address
        Objects.requireNonNullElse(response.body(), ""));
  }

  /** Parses the answer, which must be a JSON object. */
  public JsonNode json(Call call, HttpResponse<String> response) {
    try {
      JsonNode answer = RestCalls.JSON.readTree(response.body());
      if (answer != null && answer.isObject()) {
        return answer;
      }
    } catch (JsonProcessingException e) {
      // the parser's message quotes the body, so it is not reported
    }
    throw failures.notJson(call, response.statusCode(), response.body());
  }
}
