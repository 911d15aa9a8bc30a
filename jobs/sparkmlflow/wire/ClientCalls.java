package sparkmlflow.wire;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;
import org.mlflow.tracking.creds.MlflowHostCreds;
import org.mlflow.tracking.creds.MlflowHostCredsProvider;
import sparkmlflow.MlflowException;

/**
 * Calls of mlflow-client that end: each within {@code mlflow.request-timeout}, which the client
 * itself does not have.
 *
 * <p>The client repeats a call by itself, up to three times at once after any status of error and,
 * after 429, for a minute with pauses of its own; all that counts into the one limit. So only calls
 * that may arrive twice are made through it, and none whose 404 is a normal answer.
 *
 * <p>Its own log is shut off until this is closed: it quotes whole answers, in which a server may
 * have repeated the login. What it would have said stands, masked, in the failure and in the log of
 * the repeats.
 */
public final class ClientCalls implements AutoCloseable {

  private final Endpoint endpoint;
  private final Duration requestTimeout;
  private final Retrier retrier;
  private final Secrets secrets;
  private final Failures failures;
  private final ClientLog.Silence silence = ClientLog.silence();
  private final Object replacing = new Object();
  private volatile Credentials sent = new Credentials.Anonymous();
  private volatile MlflowClient client;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "mlflow-client");
            thread.setDaemon(true);
            return thread;
          });

  public ClientCalls(Endpoint endpoint, Duration requestTimeout, Retrier retrier, Secrets secrets) {
    this.endpoint = endpoint;
    this.requestTimeout = requestTimeout;
    this.retrier = retrier;
    this.secrets = secrets;
    this.failures = new Failures(secrets, endpoint.advice());
    this.client = newClient();
  }

  /** What the call returns, at the latest after all its attempts. */
  public <T> T call(String operation, Function<MlflowClient, T> call) {
    return retrier.repeatable(
        () -> {
          try {
            return once(operation, call);
          } catch (MlflowException e) {
            if (e.refusedLogin() && endpoint.credentials().renewed(sent)) {
              return once(operation, call);
            }
            throw e;
          }
        });
  }

  private <T> T once(String operation, Function<MlflowClient, T> call) {
    MlflowClient used = client;
    String named = "mlflow-client to " + endpoint.base();
    Future<T> answer = threads.submit(() -> call.apply(used));
    try {
      return answer.get(requestTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      replace(used);
      throw failures.timeout(operation, named, requestTimeout, "request timeout");
    } catch (InterruptedException e) {
      answer.cancel(true);
      replace(used);
      throw failures.interrupted(operation, e);
    } catch (ExecutionException e) {
      throw translated(operation, named, e.getCause() == null ? e : e.getCause());
    }
  }

  private MlflowException translated(String operation, String named, Throwable thrown) {
    if (thrown instanceof MlflowHttpException answered) {
      String body = answered.getBodyMessage() == null ? "" : answered.getBodyMessage();
      return failures.answer(operation, named, answered.getStatusCode(), null, null, body, thrown);
    }
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (cause instanceof IOException broken) {
        return failures.broken(operation, named, endpoint.base(), broken);
      }
      cause = cause.getCause();
    }
    return failures.unexpected(operation, named, thrown);
  }

  // Closing is the only way to free a thread that sits in a read without a limit.
  private void replace(MlflowClient stuck) {
    synchronized (replacing) {
      if (client == stuck) {
        client = newClient();
        threads.execute(stuck::close);
      }
    }
  }

  private MlflowClient newClient() {
    return new MlflowClient(
        new MlflowHostCredsProvider() {
          @Override
          public MlflowHostCreds getHostCreds() {
            sent = secrets.remember(endpoint.credentials().current());
            return hostCreds(sent);
          }

          @Override
          public void refresh() {
            // nothing is kept here: the source is asked for each call
          }
        });
  }

  private MlflowHostCreds hostCreds(Credentials credentials) {
    String host = endpoint.base().toString();
    if (credentials instanceof Credentials.Basic basic) {
      return new BasicMlflowHostCreds(host, basic.username(), basic.password());
    }
    if (credentials instanceof Credentials.Bearer bearer) {
      return new BasicMlflowHostCreds(host, bearer.token());
    }
    return new BasicMlflowHostCreds(host);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.close();
    silence.close();
  }
}
