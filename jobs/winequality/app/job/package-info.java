/**
 * What the main classes share: command line, session, result file, exit code, where a run comes
 * from.
 *
 * <p>In: a job and the command line's words. Out: its exit code.
 *
 * <p>Proven: by spark-submit ({@code SparkSubmitIT}).
 */
@NullMarked
package winequality.app.job;

import org.jspecify.annotations.NullMarked;
