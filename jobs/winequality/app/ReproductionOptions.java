package winequality.app;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@link ReproductionJob} alone. */
final class ReproductionOptions {

  @Option(
      names = "--version",
      paramLabel = "N",
      description =
          "The version to train again: a number, champion, challenger, previous or an alias.")
  private @Nullable String version;

  /**
   * The version that is named.
   *
   * @throws UsageException if none is
   */
  String version() {
    if (version == null || version.isBlank()) {
      throw new UsageException(
          "--version is missing; name the version to train again, such as --version 3 or --version champion");
    }
    return version.strip();
  }
}
