/**
 * Decides which version is the champion: checks, promotes, rolls back and archives versions. It
 * also grants the lease of a model to one retraining at a time.
 *
 * <p>In: the figures of a new version and of the champion. Out: the decision with its reasons, and
 * the changed roles. This package computes no predictions.
 *
 * <p>Proven: against a real MLflow server ({@code PromotionIT}, {@code RetrainingIT}); the rule's
 * error rates by simulation. For a workspace: only against a stand-in.
 */
@NullMarked
package winequality.gate;

import org.jspecify.annotations.NullMarked;
