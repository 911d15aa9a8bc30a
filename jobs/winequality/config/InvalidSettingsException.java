package winequality.config;

import java.util.List;
import java.util.stream.Collectors;
import winequality.ExitCode;
import winequality.JobFailure;

/** The settings are invalid; the message has a line for each problem. */
public final class InvalidSettingsException extends JobFailure {
  private static final long serialVersionUID = 1L;

  InvalidSettingsException(List<SettingProblem> problems) {
    super(
        ExitCode.USAGE,
        (problems.size() == 1 ? "1 problem" : problems.size() + " problems")
            + " in the settings:\n  "
            + problems.stream().map(SettingProblem::toString).collect(Collectors.joining("\n  ")));
  }
}
