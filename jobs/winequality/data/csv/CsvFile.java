package winequality.data.csv;

/**
 * A file of a source when the source was listed.
 *
 * @param path the text of its Hadoop path, with scheme
 * @param length in bytes
 * @param modified in milliseconds since 1970
 */
public record CsvFile(String path, long length, long modified) {}
