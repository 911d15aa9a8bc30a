package winequality.data.csv;

/**
 * A file of a source when the source was listed.
 *
 * @param path with its scheme
 * @param modified in milliseconds since 1970
 */
public record CsvFile(String path, long length, long modified) {}
