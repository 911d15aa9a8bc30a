/**
 * Sends single calls with credentials, time limits and retries, and explains failures.
 *
 * <p>In: a call and its body. Out: the answer, or a {@link sparkmlflow.MlflowException}. Nothing
 * here knows runs or versions. Closed: only this library uses it.
 *
 * <p>Proven: against a real MLflow server. Failures, time limits and redirects: against a scripted
 * server.
 */
@NullMarked
package sparkmlflow.wire;

import org.jspecify.annotations.NullMarked;
