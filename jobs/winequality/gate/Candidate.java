package winequality.gate;

import java.util.LinkedHashMap;
import java.util.Map;
import sparkmlflow.model.ModelSignature;
import winequality.data.profile.TableProfile;
import winequality.metrics.RegressionEvaluation;

/**
 * What the gate checks of a new version: its errors on the holdout rows, its coefficients by
 * column, its input columns and the table that it was trained from.
 */
public record Candidate(
    RegressionEvaluation evaluation,
    double intercept,
    Map<String, Double> coefficients,
    ModelSignature signature,
    TableProfile profile) {
  public Candidate {
    coefficients = new LinkedHashMap<>(coefficients);
  }
}
