package winequality.gate;

/** Who decides on a promotion. */
public enum GateMode {
  /** The gate decides. */
  AUTOMATIC,
  /** A person decides on the versions that the gate would promote. */
  APPROVAL,
  /** Versions are registered, and nobody decides. */
  OFF
}
