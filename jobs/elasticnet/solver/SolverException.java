package elasticnet.solver;

/**
 * A solver did not reach the solution that the settings require, or two solvers disagree. The
 * message says by how much, and which setting to change; the rows are not the cause.
 */
public final class SolverException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SolverException(String message) {
    super(message);
  }
}
