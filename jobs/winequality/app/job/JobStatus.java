package winequality.app.job;

import java.util.Locale;

/** How a job ended. The result file has the name in kebab-case, such as {@code rolled-back}. */
public enum JobStatus {
  /** The run is finished and a version is registered. */
  REGISTERED,
  /** The run is finished; registration is off. */
  TRAINED,
  /** The run is finished; nothing was trained. */
  LOGGED,
  /** A person made a version the champion. */
  PROMOTED,
  /** The previous champion is the champion again. */
  ROLLED_BACK,
  /** A description of a table is printed. */
  DESCRIBED,
  /** The predictions are written. */
  SCORED,
  /** A version was trained again with the same result. */
  REPRODUCED,
  /** There was nothing to do: it was done before. */
  SKIPPED,
  /** Settings, source and tracking server were checked; nothing was written. */
  DRY_RUN,
  /** The job failed; the error says why. */
  FAILED;

  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
