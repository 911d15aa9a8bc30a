package winequality.data.ingest;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What an ingest found.
 *
 * @param table the tables that hold accepted and refused rows
 * @param rows the accepted rows, persisted or held by the driver; the caller unpersists them. Empty
 *     if they are to be read from the table
 */
public record IngestedRows(IngestedTable table, Optional<Dataset<Row>> rows) {}
