package sparkmlflow.tracking;

/** The state of a run, by the server's names. */
public enum RunStatus {
  RUNNING,
  SCHEDULED,
  FINISHED,
  FAILED,
  KILLED
}
