package winequality.scoring;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Inputs of a scoring for tests that read no row. */
public final class ScoringInputs {

  private ScoringInputs() {}

  /** A table of which only place and version are known. */
  @SuppressWarnings("NullAway")
  public static ScoringInput table(String location, String version) {
    Dataset<Row> unread = null;
    return new TableInput(location, "id", version, Long.MAX_VALUE, unread, Optional.empty());
  }
}
