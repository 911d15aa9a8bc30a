package winequality.data.table;

import io.delta.tables.DeltaTable;
import java.util.Optional;

/** The Delta Lake library that is on the class path. */
public final class DeltaLake {

  private DeltaLake() {}

  /** Its version from the jar's manifest; empty if the platform packages it differently. */
  public static Optional<String> version() {
    return Optional.ofNullable(DeltaTable.class.getPackage().getImplementationVersion());
  }
}
