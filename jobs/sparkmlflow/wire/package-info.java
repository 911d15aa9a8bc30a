/**
 * One call: credentials, time limits, retries, what a failure means.
 *
 * <p>In: a call and its body. Out: the answer, or a {@link sparkmlflow.MlflowException}. What a run
 * or a version means is not known here. Closed: only this library uses it.
 *
 * <p>Proven: against a real MLflow server. Failures, time limits and redirects: a scripted server.
 */
@NullMarked
package sparkmlflow.wire;

import org.jspecify.annotations.NullMarked;
