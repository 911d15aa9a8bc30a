package winequality.mlflow;

/**
 * A file among a run's artifacts.
 *
 * @param path relative to the run's artifact root, parted by {@code /}
 * @param size in bytes
 */
public record StoredFile(String path, long size) {}
