/**
 * What the main classes share: command line, session, result file, exit code, provenance of a run.
 *
 * <p>In: a job and its command line. Out: its exit code and result file.
 *
 * <p>Proven: by spark-submit ({@code SparkSubmitIT}).
 */
@NullMarked
package winequality.app.job;

import org.jspecify.annotations.NullMarked;
