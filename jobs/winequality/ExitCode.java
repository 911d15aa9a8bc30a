package winequality;

/** The exit codes under spark-submit; scripts rely on the numbers. */
public enum ExitCode {
  /** Success; also if the gate rejected the version. */
  DONE(0),
  /** Any other failure. */
  FAILED(1),
  /** Invalid settings or command line. */
  USAGE(2),
  /** The job refused its data. */
  DATA_REFUSED(3),
  /** Tracking server or registry unreachable, or it refused a call. */
  TRACKING(4);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
