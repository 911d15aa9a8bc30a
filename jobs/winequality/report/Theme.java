package winequality.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/**
 * The colours of a plot on a light and on a dark page; colour-blind readers can tell them apart.
 */
public enum Theme {
  /** Dark on white. */
  LIGHT(0xFFFFFF, 0x24292F, 0xD8DEE4),
  /** Light on nearly black. */
  DARK(0x161B22, 0xD6DEE6, 0x30363D);

  private static final int TITLE = 26;
  private static final int LABEL = 25;
  private static final int TICK = 23;

  /** Okabe and Ito's colours. */
  private static final List<Color> ON_LIGHT =
      colours(0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x7A7A00, 0x000000);

  /** The same colours, lighter. */
  private static final List<Color> ON_DARK =
      colours(0x58B4F0, 0xF08A4B, 0x3FC79A, 0xE29CC4, 0xF2C14E, 0x9CCBF2, 0xC9C94E, 0xF0F6FC);

  private final Color background;
  private final Color text;
  private final Color grid;

  Theme(int background, int text, int grid) {
    this.background = new Color(background);
    this.text = new Color(text);
    this.grid = new Color(grid);
  }

  private static List<Color> colours(int... rgb) {
    return Arrays.stream(rgb).mapToObj(Color::new).toList();
  }

  private List<Color> series() {
    return this == LIGHT ? ON_LIGHT : ON_DARK;
  }

  Color series(int index) {
    return series().get(index);
  }

  Color text() {
    return text;
  }

  /** A transparent colour; alpha runs from 0, invisible, to 255. */
  static Color faint(Color colour, int alpha) {
    return new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), alpha);
  }

  /** Font sizes suit a plot of 960 pixels that a phone shows at a width of 360. */
  void apply(Styler styler) {
    styler.setChartBackgroundColor(background);
    styler.setPlotBackgroundColor(background);
    styler.setPlotBorderVisible(false);
    styler.setChartFontColor(text);
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, TITLE));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, TICK));
    styler.setLegendBackgroundColor(background);
    styler.setLegendBorderColor(background);
    styler.setAntiAlias(true);
    styler.setSeriesColors(series().toArray(Color[]::new));
    if (styler instanceof AxesChartStyler axes) {
      axes.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, LABEL));
      axes.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, TICK));
      axes.setAxisTickLabelsColor(text);
      axes.setAxisTickMarksColor(grid);
      axes.setXAxisTitleColor(text);
      axes.setYAxisTitleColor(text);
      axes.setPlotGridLinesColor(grid);
      axes.setPlotGridLinesStroke(new BasicStroke(1f));
    }
  }
}
