/**
 * Which version is the champion: judged, promoted, rolled back, put away.
 *
 * <p>In: the figures of a new version and of the champion. Out: the decision with its reasons, and
 * the roles changed accordingly. What a model predicts is worked out elsewhere.
 *
 * <p>Proven: against a real MLflow server ({@code PromotionIT}, {@code RetrainingIT}); the rule's
 * error rates by simulation. In a workspace: a stand-in only.
 */
@NullMarked
package winequality.gate;

import org.jspecify.annotations.NullMarked;
