/**
 * The wire to MLflow: credentials, REST calls with time limits and retries, artifact transfer.
 *
 * <p>In: calls and files. Out: the server's answers, or an exception that says what was asked, what
 * came back and what to do. What a run or a registered version means is not known here.
 */
@NullMarked
package sparkmlflow.wire;

import org.jspecify.annotations.NullMarked;
