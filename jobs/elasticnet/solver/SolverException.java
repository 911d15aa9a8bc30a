package elasticnet.solver;

/**
 * A solver has not come to the solution that the settings ask for, or two solvers disagree; the
 * message says by how much and which setting to change. The rows are not to blame.
 */
public final class SolverException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SolverException(String message) {
    super(message);
  }
}
