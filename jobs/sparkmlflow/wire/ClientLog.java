package sparkmlflow.wire;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.jspecify.annotations.Nullable;

/**
 * Switches off the log of mlflow-client, which quotes whole answers, until it is closed. The last
 * one to be closed restores the level for others in the JVM.
 */
final class ClientLog implements AutoCloseable {

  private static final String NAME = "org.mlflow.tracking.MlflowHttpCaller";

  private static int silences;
  private static @Nullable Level before;

  private boolean closed;

  private ClientLog() {}

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

  /** Closing it again has no effect. */
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
