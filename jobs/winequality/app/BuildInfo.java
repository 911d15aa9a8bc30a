package winequality.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which build this is. */
final class BuildInfo implements IVersionProvider {

  private static final String GIT = "/winequality/git.properties";

  @Override
  public String[] getVersion() {
    String version =
        Optional.ofNullable(BuildInfo.class.getPackage().getImplementationVersion())
            .orElse("(classes, no jar)");
    return new String[] {
      "wine-quality-training " + version + commit().map(commit -> ", commit " + commit).orElse("")
    };
  }

  /** The commit that the jar was built from; empty for a build outside a git checkout. */
  static Optional<String> commit() {
    try (InputStream file = BuildInfo.class.getResourceAsStream(GIT)) {
      if (file == null) {
        return Optional.empty();
      }
      Properties properties = new Properties();
      properties.load(file);
      return Optional.ofNullable(properties.getProperty("git.commit.id.full"));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + GIT + " of the jar", e);
    }
  }
}
