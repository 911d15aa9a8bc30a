package sparkmlflow.tracking;

/** What the server calls the state of a run. */
public enum RunStatus {
  RUNNING,
  SCHEDULED,
  FINISHED,
  FAILED,
  KILLED
}
