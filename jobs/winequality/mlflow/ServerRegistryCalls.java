package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mlflow.api.proto.ModelRegistry;

/**
 * The registry of an MLflow server. A version is a pointer there: {@code source} is the run's
 * artifact folder and stays where it is.
 */
final class ServerRegistryCalls implements RegistryCalls {

  private final RestCalls rest;
  private final ClientCalls client;

  ServerRegistryCalls(RestCalls rest, ClientCalls client) {
    this.rest = rest;
    this.client = client;
  }

  @Override
  public void ensureModel(String name) {
    // looked for first: who may add versions need not have the right to make models
    try {
      model(name);
      return;
    } catch (MlflowException e) {
      if (!e.has("RESOURCE_DOES_NOT_EXIST")) {
        throw e;
      }
    }
    ObjectNode body = RestCalls.JSON.createObjectNode().put("name", name);
    try {
      // an own repeat meets RESOURCE_ALREADY_EXISTS too, and that is what was wanted
      rest.post("create registered model " + name, "registered-models/create", body);
    } catch (MlflowException e) {
      if (!e.has("RESOURCE_ALREADY_EXISTS")) {
        throw e;
      }
    }
  }

  @Override
  public Optional<ModelVersion> versionOf(String name, VerifiedUpload upload) {
    String runId = upload.run().id();
    String filter = "name = " + quoted(name) + " and run_id = '" + runId + "'";
    List<ModelRegistry.ModelVersion> found =
        client.call(
            "look for the version of " + name + " made from run " + runId,
            c -> c.searchModelVersions(filter).getItems());
    // an adopted run may have a version already that was made from another folder
    return found.stream()
        .filter(version -> version.getSource().replaceAll("/+$", "").equals(upload.uri()))
        .map(ServerRegistryCalls::fromProto)
        .filter(version -> version.status() != ModelVersion.Status.FAILED)
        .max(Comparator.comparingLong(version -> Long.parseLong(version.version())));
  }

  @Override
  public ModelVersion createVersion(
      String name, VerifiedUpload upload, String description, Map<String, String> tags) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("name", name)
            .put("source", upload.uri())
            .put("run_id", upload.run().id())
            .put("description", description);
    TrackingCalls.pairs(body.putArray("tags"), tags.entrySet());
    return rest.retrier()
        .create(
            () ->
                fromJson(
                    rest.postOnce(
                            "create a version of registered model " + name,
                            "model-versions/create",
                            body)
                        .path("model_version")),
            () -> versionOf(name, upload));
  }

  @Override
  public ModelVersion version(String name, String version) {
    return fromProto(
        client.call(
            "look up version " + version + " of " + name, c -> c.getModelVersion(name, version)));
  }

  @Override
  public Optional<String> aliasedVersion(String name, String alias) {
    for (JsonNode entry : model(name).path("aliases")) {
      if (entry.path("alias").asText().equals(alias)) {
        return Optional.of(entry.path("version").asText());
      }
    }
    return Optional.empty();
  }

  private JsonNode model(String name) {
    return rest.get(
            "look up registered model " + name, "registered-models/get", Map.of("name", name))
        .path("registered_model");
  }

  @Override
  public void setAlias(String name, String alias, String version) {
    ObjectNode body =
        RestCalls.JSON
            .createObjectNode()
            .put("name", name)
            .put("alias", alias)
            .put("version", version);
    rest.post(
        "point alias " + alias + " of " + name + " to version " + version,
        "registered-models/alias",
        body);
  }

  @Override
  public String url(String name, String version) {
    return "%s/#/models/%s/versions/%s?workflowType=machine_learning"
        .formatted(rest.endpoint().base(), RestCalls.encoded(name), version);
  }

  // the filter language has no escape; RegistrySettings refuses a name with both kinds of quotes
  private static String quoted(String text) {
    return text.contains("'") ? "\"" + text + "\"" : "'" + text + "'";
  }

  private static ModelVersion fromJson(JsonNode node) {
    return new ModelVersion(
        node.path("name").asText(),
        node.path("version").asText(),
        status(node.path("status").asText("PENDING_REGISTRATION")),
        node.path("status_message").asText(),
        List.of());
  }

  private static ModelVersion fromProto(ModelRegistry.ModelVersion version) {
    return new ModelVersion(
        version.getName(),
        version.getVersion(),
        status(version.getStatus().name()),
        version.getStatusMessage(),
        version.getAliasesList());
  }

  private static ModelVersion.Status status(String text) {
    return switch (text) {
      case "READY" -> ModelVersion.Status.READY;
      case "FAILED_REGISTRATION" -> ModelVersion.Status.FAILED;
      default -> ModelVersion.Status.PENDING;
    };
  }
}
