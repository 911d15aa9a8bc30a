package sparkmlflow.tracking;

import java.time.Instant;

/**
 * One value of a metric at a step. A point that is sent twice with the same time is one point to
 * the server.
 */
public record MetricPoint(String name, double value, long step, Instant time) {}
