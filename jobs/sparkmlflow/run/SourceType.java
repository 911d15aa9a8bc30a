package sparkmlflow.run;

/** What started the run, in MLflow's words. */
public enum SourceType {
  /** A scheduled or submitted job. */
  JOB,
  /** A program on somebody's machine. */
  LOCAL,
  /** {@code mlflow run} on an MLproject. */
  PROJECT
}
