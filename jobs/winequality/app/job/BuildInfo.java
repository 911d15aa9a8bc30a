package winequality.app.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version and commit of this build. */
public final class BuildInfo implements IVersionProvider {

  private static final String GIT = "/winequality/git.properties";

  @Override
  public String[] getVersion() {
    String version =
        Objects.requireNonNullElse(
            BuildInfo.class.getPackage().getImplementationVersion(), "(classes, no jar)");
    String commit =
        commit().map(hash -> ", commit " + hash + (dirty() ? " with changes" : "")).orElse("");
    return new String[] {"wine-quality-training " + version + commit};
  }

  /** The commit that the jar was built from; empty if it was built outside a git checkout. */
  public static Optional<String> commit() {
    return Optional.ofNullable(git().getProperty("git.commit.id.full"));
  }

  /** Whether the jar was built with changes that were not committed. */
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
