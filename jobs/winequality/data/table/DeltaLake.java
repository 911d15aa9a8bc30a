package winequality.data.table;

import io.delta.tables.DeltaTable;
import java.util.Optional;

/** The Delta Lake library that is on the class path. */
public final class DeltaLake {

  private DeltaLake() {}

  /** Its version, as its jar says; empty where the platform brings it in another form. */
  public static Optional<String> version() {
    return Optional.ofNullable(DeltaTable.class.getPackage().getImplementationVersion());
  }
}
