package winequality.config;

import java.util.List;
import java.util.stream.Collectors;
import winequality.ExitCode;
import winequality.JobFailure;

/** Everything that is wrong with the settings, in one message with a line for each problem. */
public final class InvalidSettingsException extends JobFailure {
  private static final long serialVersionUID = 1L;

  // not in the serialised form: the message has it all
  private final transient List<SettingProblem> problems;

  public InvalidSettingsException(List<SettingProblem> problems) {
    super(
        ExitCode.USAGE,
        problems.stream()
            .map(SettingProblem::toString)
            .collect(
                Collectors.joining(
                    "\n  ",
                    problems.size() == 1
                        ? "1 problem in the settings:\n  "
                        : problems.size() + " problems in the settings:\n  ",
                    "")));
    this.problems = List.copyOf(problems);
  }

  public List<SettingProblem> problems() {
    return problems;
  }
}
