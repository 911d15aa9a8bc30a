/**
 * The stages of a training in their order: take in, profile, split, fit, evaluate, model folder,
 * run, report, version, gate.
 *
 * <p>In: a job's context. Out: a run, a version unless versions are off, and the sections of the
 * result file. Other commands use some of the stages.
 *
 * <p>Proven: against a real MLflow server ({@code TrainingIT}, {@code TuningIT}); in a workspace: a
 * stand-in only.
 */
@NullMarked
package winequality.app.training;

import org.jspecify.annotations.NullMarked;
