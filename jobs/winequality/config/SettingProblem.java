package winequality.config;

/**
 * One thing that is wrong with the settings.
 *
 * @param origin where the value is set: file and line, {@code --set}, or a variable's name
 * @param message begins with the key, says what is wrong and what would be right
 */
record SettingProblem(String origin, String message) {
  @Override
  public String toString() {
    return origin + ": " + message;
  }
}
