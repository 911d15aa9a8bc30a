package sparkmlflow.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request and its answer, or an exception that says what was asked of whom.
 *
 * <p>HTTP/1.1 without redirections. The limit of time covers the whole exchange, the last byte of
 * the answer included.
 */
public final class HttpExchange {

  private final HttpClient http;
  private final Failures failures;

  public HttpExchange(HttpClient http, Failures failures) {
    this.http = http;
    this.failures = failures;
  }

  /**
   * What is asked.
   *
   * @param operation completes "Could not ..."
   * @param limitKey the setting of the limit
   */
  public record Call(String operation, String method, URI uri, Duration limit, String limitKey) {

    /** Method and address without the query, which may hold a signature. */
    String named() {
      String text = uri.toString();
      int query = text.indexOf('?');
      return method + " " + (query < 0 ? text : text.substring(0, query));
    }
  }

  /** The answer, whatever its status is. */
  public HttpResponse<String> answer(Call call, HttpRequest request, BodyHandler<String> body) {
    // HttpRequest.timeout() ends with the headers of the answer; this one with its last byte
    CompletableFuture<HttpResponse<String>> sent = http.sendAsync(request, body);
    try {
      return sent.get(call.limit().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw failures.timeout(call.operation(), call.named(), call.limit(), call.limitKey());
    } catch (InterruptedException e) {
      sent.cancel(true);
      throw failures.interrupted(call.operation(), e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException broken) {
        throw failures.broken(call.operation(), call.named(), call.uri(), broken);
      }
      throw failures.unexpected(
          call.operation(), call.named(), e.getCause() == null ? e : e.getCause());
    }
  }

  /** The answer itself if its status is one of success. */
  public HttpResponse<String> requireSuccess(Call call, HttpResponse<String> response) {
    if (response.statusCode() / 100 == 2) {
      return response;
    }
    throw failures.answer(
        call.operation(),
        call.named(),
        response.statusCode(),
        response.headers().firstValue("Location").orElse(null),
        response.headers().firstValue("Retry-After").orElse(null),
        response.body(),
        null);
  }

  /** The JSON object that the answer has to be. */
  public JsonNode json(Call call, HttpResponse<String> response) {
    try {
      JsonNode answer = RestCalls.JSON.readTree(response.body());
      if (answer != null && answer.isObject()) {
        return answer;
      }
    } catch (JsonProcessingException e) {
      // reported below, without the parser's message, which quotes the body
    }
    throw failures.notJson(call.operation(), call.named(), response.statusCode(), response.body());
  }
}
