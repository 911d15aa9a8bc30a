package sparkmlflow.tracking;

import java.time.Instant;

/**
 * A metric's value at a step. The server stores a point once, even if it is sent twice with the
 * same time.
 */
public record MetricPoint(String name, double value, long step, Instant time) {}
