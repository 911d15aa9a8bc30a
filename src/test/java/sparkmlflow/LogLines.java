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

  private LogLines() {
    super("log-lines", null, null, true, Property.EMPTY_ARRAY);
  }

  public static LogLines record() {
    LogLines recorder = new LogLines();
    recorder.start();
    root().addAppender(recorder);
    return recorder;
  }

  /** Records what a logger informs of, too; tests show warnings only. */
  public static LogLines record(String informing) {
    Configurator.setLevel(informing, Level.INFO);
    return record();
  }

  public List<String> recorded() {
    return List.copyOf(lines);
  }

  public void end() {
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
