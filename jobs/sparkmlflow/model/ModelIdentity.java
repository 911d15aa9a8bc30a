package sparkmlflow.model;

import java.time.Instant;
import java.util.UUID;

/**
 * Identifies one model folder, made at a time that is kept to the microsecond.
 *
 * @param runId the MLflow run that the model is logged in
 * @param modelUuid 32 lower-case hexadecimal digits, new for each folder
 */
public record ModelIdentity(String runId, String modelUuid, Instant created) {

  /** Throws {@link IllegalArgumentException} if an id does not have MLflow's form. */
  public ModelIdentity {
    if (!runId.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException(
          "The run id is \"%s\"; it must be the id of an MLflow run, letters and digits"
              .formatted(runId));
    }
    if (!modelUuid.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException(
          "The model uuid is \"%s\"; it must have 32 lower-case hexadecimal digits, like a random UUID without hyphens"
              .formatted(modelUuid));
    }
  }

  public static ModelIdentity of(String runId, UUID unique, Instant created) {
    return new ModelIdentity(runId, unique.toString().replace("-", ""), created);
  }
}
