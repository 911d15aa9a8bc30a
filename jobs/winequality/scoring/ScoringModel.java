package winequality.scoring;

import sparkmlflow.model.LoadedModel;

/** A version of a registered model, ready to predict, and the run that produced it. */
public record ScoringModel(String name, long version, String runId, LoadedModel model) {}
