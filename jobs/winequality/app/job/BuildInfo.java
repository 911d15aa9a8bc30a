package winequality.app.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which build this is. */
public final class BuildInfo implements IVersionProvider {

  private static final String GIT = "/winequality/git.properties";

  @Override
  public String[] getVersion() {
    String version =
        Optional.ofNullable(BuildInfo.class.getPackage().getImplementationVersion())
            .orElse("(classes, no jar)");
    return new String[] {
      "wine-quality-training "
          + version
          + commit()
              .map(commit -> ", commit " + commit + (dirty() ? " with changes" : ""))
              .orElse("")
    };
  }

  /** The commit that the jar was built from; empty for a build outside a git checkout. */
  public static Optional<String> commit() {
    return Optional.ofNullable(git().getProperty("git.commit.id.full"));
  }

  /** Whether files differed from that commit when the jar was built. */
  public static boolean dirty() {
    return Boolean.parseBoolean(git().getProperty("git.dirty"));
  }

  private static Properties git() {
    Properties properties = new Properties();
    try (InputStream file = BuildInfo.class.getResourceAsStream(GIT)) {
      if (file != null) {
        properties.load(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + GIT + " of the jar", e);
    }
    return properties;
  }
}
