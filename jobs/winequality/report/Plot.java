package winequality.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plot that can be drawn for a light page and for a dark one.
 *
 * @param name of its file, without {@code .png}
 * @param title shown above the plot
 * @param alternative text for readers who cannot see the plot
 * @param note shown below the plot: what a reader must know to read it correctly; may be empty
 * @param drawing the chart of a theme
 */
public record Plot(
    String name,
    String title,
    String alternative,
    String note,
    Function<Theme, Chart<?, ?>> drawing) {

  static final int WIDTH = 960;
  static final int HEIGHT = 600;

  private static final Logger LOG = LoggerFactory.getLogger(Plot.class);

  /**
   * The plot as a PNG image. If it cannot be drawn, as on a machine without fonts, the image is
   * empty and the log has a warning: a training must not fail for a picture.
   */
  public Optional<byte[]> png(Theme theme) {
    try {
      return Optional.of(
          BitmapEncoder.getBitmapBytes(drawing.apply(theme), BitmapEncoder.BitmapFormat.PNG));
    } catch (IOException e) {
      throw new UncheckedIOException("The plot " + name + " could not be encoded as PNG", e);
    } catch (LinkageError | InternalError | RuntimeException e) {
      LOG.warn(
          "The plot {} could not be drawn: {}. Drawing needs fontconfig and a font; install them if they are missing",
          name,
          e,
          e);
      return Optional.empty();
    }
  }
}
