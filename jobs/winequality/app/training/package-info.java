/**
 * The stages of a training in their order: take in, profile, split, fit, evaluate, model folder,
 * run, report, version, gate.
 *
 * <p>In: a job's context. Out: a run, perhaps a version, and the result file's sections. Other
 * commands use single stages.
 *
 * <p>Proven: against a real MLflow server ({@code TrainingIT}, {@code TuningIT}); in a workspace: a
 * stand-in only.
 */
@NullMarked
package winequality.app.training;

import org.jspecify.annotations.NullMarked;
