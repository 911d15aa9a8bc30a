package winequality.metrics;

import java.util.List;
import winequality.data.profile.Histogram;

/**
 * Where the errors of one set of predictions lie.
 *
 * @param byLabel the errors for each bin of the label that has a row, by ascending label
 * @param residuals how often label less prediction falls between edges, in bins of equal width
 *     about 0; the first and last bin are open
 */
public record ErrorProfile(List<LabelErrors> byLabel, Histogram residuals) {
  public ErrorProfile {
    byLabel = List.copyOf(byLabel);
  }
}
