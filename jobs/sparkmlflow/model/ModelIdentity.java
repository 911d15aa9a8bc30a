package sparkmlflow.model;

import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Identifies one model folder.
 *
 * @param runId the MLflow run that the model is logged in
 * @param modelUuid 32 lower-case hexadecimal digits, new for each folder
 * @param created when the model was made; kept to the microsecond
 */
public record ModelIdentity(String runId, String modelUuid, Instant created) {

  private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9_-]+");
  private static final Pattern HEX_32 = Pattern.compile("[0-9a-f]{32}");

  /** Throws {@link IllegalArgumentException} if an id does not have MLflow's form. */
  public ModelIdentity {
    if (!RUN_ID.matcher(runId).matches()) {
      throw new IllegalArgumentException(
          "The run id is \""
              + runId
              + "\"; it must be the id of an MLflow run, letters and digits");
    }
    if (!HEX_32.matcher(modelUuid).matches()) {
      throw new IllegalArgumentException(
          "The model uuid is \"%s\"; it must have 32 lower-case hexadecimal digits, like a random UUID without hyphens"
              .formatted(modelUuid));
    }
  }

  public static ModelIdentity of(String runId, UUID unique, Instant created) {
    return new ModelIdentity(runId, unique.toString().replace("-", ""), created);
  }
}
