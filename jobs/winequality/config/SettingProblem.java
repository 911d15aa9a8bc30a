package winequality.config;

/**
 * One thing that is wrong with the settings.
 *
 * @param origin where it was said: file and line, {@code --set}, or a variable's name
 * @param message what is wrong and what would be right, beginning with the key
 */
public record SettingProblem(String origin, String message) {
  @Override
  public String toString() {
    return origin + ": " + message;
  }
}
