package sparkmlflow.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowConnection;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.tracking.LoggedModels;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.tracking.Run;

/**
 * Makes a run's model one of the experiment's logged models, with a copy of its files and with the
 * run's params, metrics and test data. The run keeps the files too: what reads {@code runs:/…} and
 * servers before MLflow 3 know no others.
 */
final class RunModel {

  private final Map<String, String> params = new LinkedHashMap<>();
  private final Map<String, MetricPoint> metrics = new LinkedHashMap<>();
  private Optional<LoggedModels.DataSet> tested = Optional.empty();

  /** Remembers what the model's page shows. */
  synchronized void see(Note note) {
    if (note instanceof Note.Params seen) {
      params.putAll(seen.values());
    } else if (note instanceof Note.Metrics seen) {
      seen.points().forEach(point -> metrics.put(point.name(), point));
    } else if (note instanceof Note.Inputs inputs) {
      String context = DeltaInput.Use.TESTING.name().toLowerCase(Locale.ROOT);
      for (ObjectNode input : inputs.datasets()) {
        if (input.at("/tags/0/value").asText().equals(context)) {
          JsonNode data = input.path("dataset");
          tested =
              Optional.of(
                  new LoggedModels.DataSet(
                      data.path("name").asText(), data.path("digest").asText()));
        }
      }
    }
  }

  /**
   * Logs the model.
   *
   * @param mayBeThere whether an earlier job may have logged it
   * @return its id; empty on a server that has no logged models
   */
  synchronized Optional<String> log(
      MlflowConnection connection, Run run, boolean mayBeThere, String name, LocalFiles files) {
    Optional<LoggedModels> calls = connection.loggedModels();
    if (calls.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> done = mayBeThere ? calls.get().outputOf(run.id()) : Optional.empty();
    if (done.isPresent()) {
      return done;
    }
    Map<String, String> all = new LinkedHashMap<>(run.params());
    all.putAll(params);
    Optional<LoggedModels.LoggedModel> model = calls.get().ofRun(run, name, all);
    model.ifPresent(
        logged -> {
          connection.artifacts(run.at(logged.artifactUri())).upload(files, "");
          calls.get().metrics(run.id(), logged.id(), metrics.values(), tested);
          calls.get().ready(run.id(), logged.id());
        });
    return model.map(LoggedModels.LoggedModel::id);
  }
}
