package winequality.app.job;

/** How a job ended, in the words of the result file. */
public enum JobStatus {
  /** The run is finished and a version stands in the registry. */
  REGISTERED("registered"),
  /** The run is finished; registration is off. */
  TRAINED("trained"),
  /** The run is finished; nothing was trained. */
  LOGGED("logged"),
  /** A version was made the champion by hand. */
  PROMOTED("promoted"),
  /** The champion before is the champion again. */
  ROLLED_BACK("rolled-back"),
  /** The predictions are written. */
  SCORED("scored"),
  /** A version was trained again and came out the same. */
  REPRODUCED("reproduced"),
  /** Nothing had to be done: it was done before. */
  SKIPPED("skipped"),
  /** Settings, source and tracking server were checked, nothing was written. */
  DRY_RUN("dry-run"),
  /** The job did not reach its end; the error says why. */
  FAILED("failed");

  private final String text;

  JobStatus(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }
}
