package winequality.metrics;

import java.util.List;
import winequality.data.profile.Histogram;

/**
 * How the errors of a set of predictions are distributed.
 *
 * @param byLabel the errors in each non-empty bin of the label, by ascending label
 * @param residuals label less prediction, in bins of equal width around 0, of which the first and
 *     last are open
 */
public record ErrorProfile(List<LabelErrors> byLabel, Histogram residuals) {
  public ErrorProfile {
    byLabel = List.copyOf(byLabel);
  }
}
