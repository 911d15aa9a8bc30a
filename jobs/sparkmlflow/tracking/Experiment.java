package sparkmlflow.tracking;

/**
 * An experiment on the server.
 *
 * @param deleted whether it is in the server's trash, where it still occupies its name
 */
public record Experiment(String id, String name, boolean deleted) {}
