package sparkmlflow.wire;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.jspecify.annotations.Nullable;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;
import org.mlflow.tracking.creds.MlflowHostCreds;
import org.mlflow.tracking.creds.MlflowHostCredsProvider;
import sparkmlflow.MlflowException;

/**
 * Calls through mlflow-client, each within the request timeout; the client itself has none.
 *
 * <p>The client retries on its own, within the timeout: up to three times without a pause after any
 * error status, and for a minute after 429. So only idempotent calls go through it, and none whose
 * 404 is a normal answer.
 *
 * <p>The client's log is off until this is closed, because it quotes whole answers, which may
 * repeat the login. The failure and the log of the retries hold the same information, masked.
 */
public final class ClientCalls implements AutoCloseable {

  private final Endpoint endpoint;
  private final Duration requestTimeout;
  private final Retrier retrier;
  private final Secrets secrets;
  private final Failures failures;
  private final ClientLog silenced = ClientLog.silenced();
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

  public void tell(String operation, Consumer<MlflowClient> call) {
    call(
        operation,
        client -> {
          call.accept(client);
          return operation;
        });
  }

  private <T> T once(String operation, Function<MlflowClient, T> call) {
    HttpExchange.Call asked =
        new HttpExchange.Call(
            operation, "mlflow-client to", endpoint.base(), requestTimeout, "request timeout");
    MlflowClient used = client;
    Future<T> answer = threads.submit(() -> call.apply(used));
    try {
      return answer.get(requestTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      replace(used);
      throw failures.timeout(asked);
    } catch (InterruptedException e) {
      answer.cancel(true);
      replace(used);
      throw failures.interrupted(asked, e);
    } catch (ExecutionException e) {
      throw translated(asked, e.getCause() == null ? e : e.getCause());
    }
  }

  private MlflowException translated(HttpExchange.Call asked, Throwable thrown) {
    if (thrown instanceof MlflowHttpException answered) {
      String body = answered.getBodyMessage() == null ? "" : answered.getBodyMessage();
      return failures.answer(asked, answered.getStatusCode(), null, null, body, thrown);
    }
    return Failures.cause(thrown, IOException.class)
        .map(broken -> failures.broken(asked, broken))
        .orElseGet(() -> failures.unexpected(asked, thrown));
  }

  // only closing the client frees a thread that blocks in a read without a timeout
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
            // nothing to refresh: each call asks the source
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
    silenced.close();
  }

  /** The last one that is closed restores the level of the client's log for others in the JVM. */
  private static final class ClientLog implements AutoCloseable {

    private static final String NAME = "org.mlflow.tracking.MlflowHttpCaller";

    private static int silences;
    private static @Nullable Level before;

    private boolean closed;

    static ClientLog silenced() {
      synchronized (ClientLog.class) {
        if (silences++ == 0) {
          LoggerContext context = (LoggerContext) LogManager.getContext(false);
          LoggerConfig config = context.getConfiguration().getLoggers().get(NAME);
          before = config == null ? null : config.getExplicitLevel();
          // Spark logs with log4j everywhere; a settings file would not reach every cluster
          Configurator.setLevel(NAME, Level.OFF);
        }
      }
      return new ClientLog();
    }

    @Override
    public void close() {
      synchronized (ClientLog.class) {
        if (!closed && --silences == 0) {
          // null: the logger inherits its parent's level, as before
          Configurator.setLevel(NAME, before);
        }
        closed = true;
      }
    }
  }
}
