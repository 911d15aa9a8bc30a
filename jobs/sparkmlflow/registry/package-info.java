/**
 * Versions of a registered model: created only for a complete upload, found again when a call is
 * repeated, judged by a gate, promoted, rolled back, fetched and put away.
 *
 * <p>In: a run and the folder that was uploaded for it, and the figures that the gate compares.
 * Out: the version, the decision, and who is the champion. The wire is in {@code mlflow}; what a
 * model predicts is worked out elsewhere.
 */
@NullMarked
package sparkmlflow.registry;

import org.jspecify.annotations.NullMarked;
