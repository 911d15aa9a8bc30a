package winequality.app.job;

import java.time.Clock;
import java.util.Map;
import winequality.config.Settings;

/**
 * What a job without Spark gets.
 *
 * @param environment the process's variables, which may name who started the job
 * @param mainClass shown as the source of a run
 */
public record DriverContext(
    Settings settings,
    JobReport report,
    Clock clock,
    Map<String, String> environment,
    String mainClass) {}
