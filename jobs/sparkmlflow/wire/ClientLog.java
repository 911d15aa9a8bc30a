package sparkmlflow.wire;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.jspecify.annotations.Nullable;

/**
 * The log of mlflow-client, which quotes whole answers: off as long as anybody here uses the
 * client, and as it was before from then on, since others in the JVM may read it.
 */
final class ClientLog {

  private static final String NAME = "org.mlflow.tracking.MlflowHttpCaller";

  private static int silences;
  private static @Nullable Level before;

  private ClientLog() {}

  /** Keeps the log off until it is closed; closing it again has no effect. */
  interface Silence extends AutoCloseable {
    @Override
    void close();
  }

  static Silence silence() {
    begin();
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        end();
      }
    };
  }

  private static synchronized void begin() {
    if (silences++ == 0) {
      before = ownLevel();
      // Spark logs with log4j wherever it runs; a settings file would not reach every cluster
      Configurator.setLevel(NAME, Level.OFF);
    }
  }

  private static synchronized void end() {
    if (--silences == 0) {
      // without a level of its own it takes that of the logger above it, as before
      Configurator.setLevel(NAME, before);
    }
  }

  private static @Nullable Level ownLevel() {
    LoggerConfig config =
        ((LoggerContext) LogManager.getContext(false)).getConfiguration().getLoggers().get(NAME);
    return config == null ? null : config.getExplicitLevel();
  }
}
