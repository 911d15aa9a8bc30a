package sparkmlflow.tracking;

/**
 * An experiment as the server has it.
 *
 * @param deleted whether it stands in the server's trash, where its name stays taken
 */
public record Experiment(String id, String name, boolean deleted) {}
