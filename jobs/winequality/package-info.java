/**
 * What every part of the job shares: how a foreseen failure ends the job, and the names of its tags
 * in MLflow.
 *
 * <p>In: nothing; this package depends on no other. Out: {@link JobFailure}, {@link ExitCode} and
 * {@link JobTags}.
 */
@NullMarked
package winequality;

import org.jspecify.annotations.NullMarked;
