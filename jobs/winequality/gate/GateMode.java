package winequality.gate;

/** Who decides on a promotion. */
public enum GateMode {
  /** The gate. */
  AUTOMATIC,
  /** A person, among the versions that the gate would promote. */
  APPROVAL,
  /** Nobody here: versions are registered and nothing else happens to them. */
  OFF
}
