package sparkmlflow.databricks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowException;

/**
 * The profiles in Databricks' configuration file, read anew at each look, since other tools write
 * fresh tokens into it. A profile has its own values only: unlike in other INI files none is taken
 * over from {@code DEFAULT}.
 *
 * @see <a href="https://docs.databricks.com/en/dev-tools/auth/config-profiles.html">Configuration
 *     profiles</a>
 */
public final class DatabricksProfiles {

  private final Path file;

  public DatabricksProfiles(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /** The values of a profile by their keys in small letters, if the file and the profile exist. */
  Optional<Map<String, String>> find(String profile) {
    return Optional.ofNullable(all().get(profile));
  }

  /**
   * The values of a profile.
   *
   * @throws MlflowException if the file cannot be read or has no such profile
   */
  Map<String, String> profile(String profile, String namedBy) {
    return find(profile)
        .orElseThrow(
            () ->
                MlflowException.refused(
                    "log in to Databricks",
                    Files.exists(file)
                        ? "%s names the profile %s, which is not in %s. It has %s."
                            .formatted(namedBy, profile, file, all().keySet())
                        : "%s names the profile %s, but there is no file %s. Make one with databricks configure --profile %s, or set DATABRICKS_CONFIG_FILE to where it is."
                            .formatted(namedBy, profile, file, profile)));
  }

  private Map<String, Map<String, String>> all() {
    Map<String, Map<String, String>> profiles = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return profiles;
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw MlflowException.refused(
          "log in to Databricks",
          file + " cannot be read (" + e.getClass().getSimpleName() + "). Check the rights on it.");
    }
    Map<String, String> section = new LinkedHashMap<>();
    for (String raw : text.lines().toList()) {
      String line = raw.strip();
      if (line.startsWith("[") && line.endsWith("]")) {
        section =
            profiles.computeIfAbsent(
                line.substring(1, line.length() - 1).strip(), name -> new LinkedHashMap<>());
      } else if (!line.isEmpty() && line.charAt(0) != '#' && line.charAt(0) != ';') {
        int separator = line.replace(':', '=').indexOf('=');
        if (separator > 0) {
          section.put(
              line.substring(0, separator).strip().toLowerCase(Locale.ROOT),
              line.substring(separator + 1).strip());
        }
      }
    }
    // settings of Databricks' own tools, not a profile
    profiles.remove("__settings__");
    return profiles;
  }
}
