package sparkmlflow;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** Records the log between start and stop, with exceptions. */
public final class LogLines extends AbstractAppender {

  private final List<String> lines = new CopyOnWriteArrayList<>();

  private final List<String> informing;

  private LogLines(String... informing) {
    super("log-lines", null, null, true, Property.EMPTY_ARRAY);
    this.informing = List.of(informing);
  }

  /**
   * Starts to record.
   *
   * @param informing loggers of which not only warnings are recorded
   */
  public static LogLines record(String... informing) {
    LogLines recorder = new LogLines(informing);
    recorder.informing.forEach(logger -> Configurator.setLevel(logger, Level.INFO));
    recorder.start();
    root().addAppender(recorder);
    return recorder;
  }

  public List<String> recorded() {
    return List.copyOf(lines);
  }

  public void end() {
    informing.forEach(logger -> Configurator.setLevel(logger, Level.WARN));
    root().removeAppender(this);
    stop();
  }

  private static Logger root() {
    return (Logger) LogManager.getRootLogger();
  }

  @Override
  public void append(LogEvent event) {
    String thrown = event.getThrown() == null ? "" : " " + event.getThrown();
    lines.add(event.getMessage().getFormattedMessage() + thrown);
  }
}
