/**
 * What a run and a version are told of a training, and what can be read back from them.
 *
 * <p>In: what the stages found. Out: parameters, metrics, tags, data sets and files of a run; tags
 * of a version.
 *
 * <p>Proven: against a real MLflow server ({@code TrainingIT}, {@code ReproductionIT}).
 */
@NullMarked
package winequality.record;

import org.jspecify.annotations.NullMarked;
