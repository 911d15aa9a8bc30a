package sparkmlflow.databricks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowException;
import sparkmlflow.SecretFile;

/**
 * The profiles in Databricks' configuration file. The file is read on each call, because other
 * tools write fresh tokens into it. Unlike in other INI files, no profile inherits from {@code
 * DEFAULT}.
 *
 * @see <a href="https://docs.databricks.com/en/dev-tools/auth/config-profiles.html">Configuration
 *     profiles</a>
 */
public record DatabricksProfiles(Path file) {

  /** The values of a profile by their keys in lower case; empty without the file or profile. */
  Optional<Map<String, String>> find(String profile) {
    return Optional.ofNullable(all().get(profile));
  }

  /**
   * As {@link #find}.
   *
   * @param namedBy the setting that names the profile, for the message
   * @throws MlflowException if the file or the profile is missing
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
                        : "%s names the profile %s, but there is no file %s. Create one with databricks configure --profile %s, or set DATABRICKS_CONFIG_FILE to its path."
                            .formatted(namedBy, profile, file, profile)));
  }

  private Map<String, Map<String, String>> all() {
    Map<String, Map<String, String>> profiles = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return profiles;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw MlflowException.refused(
          "log in to Databricks",
          "%s cannot be read (%s). Check the file's permissions."
              .formatted(file, e.getClass().getSimpleName()));
    }
    Map<String, String> section = new LinkedHashMap<>();
    for (String raw : lines) {
      String line = raw.strip();
      int separator = line.replace(':', '=').indexOf('=');
      if (line.startsWith("[") && line.endsWith("]")) {
        section =
            profiles.computeIfAbsent(
                line.substring(1, line.length() - 1).strip(), name -> new LinkedHashMap<>());
      } else if (separator > 0 && line.charAt(0) != '#' && line.charAt(0) != ';') {
        section.put(
            line.substring(0, separator).strip().toLowerCase(Locale.ROOT),
            line.substring(separator + 1).strip());
      }
    }
    if (profiles.values().stream().anyMatch(DatabricksProfiles::hasSecret)) {
      SecretFile.warnIfShared(file);
    }
    // holds settings of Databricks' own tools, not a profile
    profiles.remove("__settings__");
    return profiles;
  }

  private static boolean hasSecret(Map<String, String> profile) {
    return profile.containsKey("token") || profile.containsKey("client_secret");
  }
}
