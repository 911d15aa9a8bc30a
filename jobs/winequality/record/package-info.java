/**
 * Records a training in its run and its version, and reads it back.
 *
 * <p>In: the results of the stages. Out: parameters, metrics, tags, data sets and files of a run;
 * tags of a version.
 *
 * <p>Proven: against a real MLflow server ({@code TrainingIT}, {@code ReproductionIT}).
 */
@NullMarked
package winequality.record;

import org.jspecify.annotations.NullMarked;
