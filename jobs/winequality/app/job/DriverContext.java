package winequality.app.job;

import java.time.Clock;
import java.util.Map;
import winequality.config.Settings;

/**
 * What a job without Spark gets.
 *
 * @param environment the process's variables, which may name who started the job
 */
public record DriverContext(
    Settings settings,
    JobReport report,
    Clock clock,
    Map<String, String> environment,
    String mainClass) {}
