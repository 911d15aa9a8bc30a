package sparkmlflow.run;

/** What started the run, under MLflow's names. */
public enum SourceType {
  /** A scheduled or submitted job. */
  JOB,
  /** A program that a person runs. */
  LOCAL,
  /** {@code mlflow run} on an MLproject. */
  PROJECT
}
