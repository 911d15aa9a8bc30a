package winequality;

/** What a main class tells the shell under spark-submit; scripts rely on the numbers. */
public enum ExitCode {
  /** Done; a gate's rejection is done too. */
  DONE(0),
  /** Something went wrong that has no number of its own. */
  FAILED(1),
  /** Settings or command line. */
  USAGE(2),
  /** The source was refused. */
  DATA_REFUSED(3),
  /** Tracking server or registry: unreachable, or it refused. */
  TRACKING(4);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
