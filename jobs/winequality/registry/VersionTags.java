package winequality.registry;

/** The tags by which a version tells its history; people filter by them, so they stay. */
final class VersionTags {

  /** promoted, rejected, awaiting-approval or rolled-back. */
  static final String GATE = "gate";

  /** Every condition of the gate, a sentence each. */
  static final String GATE_REASONS = "gate_reasons";

  /** The champion that the gate compared with. */
  static final String GATE_CHAMPION = "gate_champion";

  /** The champion whose place this version took; empty for a first one. */
  static final String REPLACES = "replaces";

  static final String PROMOTED = "promoted";
  static final String ROLLED_BACK = "rolled-back";
  static final String AWAITING_APPROVAL = "awaiting-approval";

  private VersionTags() {}
}
