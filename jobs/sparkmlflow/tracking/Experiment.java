package sparkmlflow.tracking;

/** An experiment; a deleted one is in the server's trash, where it still occupies its name. */
public record Experiment(String id, String name, boolean deleted) {}
