package winequality.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseable;
import java.io.File;
import java.net.URL;

/**
 * Includes files in the folder of a settings file or below it, and nothing else: settings must not
 * make the job read what it was not pointed at. HOCON would also include addresses, any file and
 * resources of the class path, and would leave out a file that is missing.
 */
final class SettingIncluder
    implements ConfigIncluder, ConfigIncluderURL, ConfigIncluderFile, ConfigIncluderClasspath {

  /** An include that is refused; the message is for people. */
  static final class RefusedException extends ConfigException {
    private static final long serialVersionUID = 1L;

    RefusedException(String what) {
      super(
          "include %s is refused; a settings file includes only files that exist in its folder or below, such as include \"other.conf\""
              .formatted(what));
    }
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    ConfigParseable file =
        what.matches("/.*|.*:.*|(.*/)?\\.\\.(/.*)?") ? null : context.relativeTo(what);
    // a text, such as a value of the command line, has no folder: HOCON would take the class path
    if (file == null || file.origin().filename() == null) {
      throw new RefusedException('"' + what + '"');
    }
    return file.parse(context.parseOptions().setAllowMissing(false));
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw new RefusedException("url(\"" + what + "\")");
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    throw new RefusedException("file(\"" + what + "\")");
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw new RefusedException("classpath(\"" + what + "\")");
  }
}
