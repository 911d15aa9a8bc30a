package winequality.data.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Row;
import winequality.data.csv.CsvFile;

/**
 * A file that was ingested, or that has the same lines as one that was.
 *
 * @param content equal for files with the same lines
 * @param version of the table that added the rows
 */
record TakenFile(CsvFile file, String content, long accepted, long quarantined, long version) {

  /** The same lines at another path or with another time. */
  TakenFile at(CsvFile place) {
    return new TakenFile(place, content, accepted, quarantined, version);
  }

  /** Whether the two differ in time and length at most. */
  boolean hasPathAndContentOf(TakenFile other) {
    return file.path().equals(other.file.path()) && content.equals(other.content);
  }

  /** For the commit that adds the file. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("path", file.path());
    facts.put("length", file.length());
    facts.put("modified", file.modified());
    facts.put("content", content);
    facts.put("accepted", accepted);
    facts.put("quarantined", quarantined);
    return facts;
  }

  /** Reads {@link #facts()} from a commit. */
  static TakenFile of(JsonNode facts, long version) {
    return new TakenFile(
        new CsvFile(
            facts.get("path").asText(),
            facts.get("length").asLong(),
            facts.get("modified").asLong()),
        facts.get("content").asText(),
        facts.get("accepted").asLong(),
        facts.get("quarantined").asLong(),
        version);
  }

  /** Reads a row of the ledger. */
  static TakenFile of(Row row) {
    return new TakenFile(
        new CsvFile(row.getAs("path"), row.<Long>getAs("length"), row.<Long>getAs("modified")),
        row.getAs("content"),
        row.<Long>getAs("accepted"),
        row.<Long>getAs("quarantined"),
        row.<Long>getAs("table_version"));
  }
}
