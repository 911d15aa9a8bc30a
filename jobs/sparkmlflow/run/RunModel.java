package sparkmlflow.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.tracking.LoggedModels;
import sparkmlflow.tracking.MetricPoint;
import sparkmlflow.tracking.Run;

/**
 * Makes a run's model one of the experiment's logged models, with its own files and with the run's
 * params, metrics and data sets. The run keeps the files too: what reads {@code runs:/…} and
 * servers before MLflow 3 know no others.
 */
final class RunModel {

  private static final Logger LOG = LoggerFactory.getLogger(RunModel.class);
  private static final String TRAIN = "train_";

  private final Map<String, String> params = new LinkedHashMap<>();
  private final Map<String, MetricPoint> metrics = new LinkedHashMap<>();
  private final Map<DeltaInput.Use, LoggedModels.DataSet> data =
      new EnumMap<>(DeltaInput.Use.class);

  /** Remembers what the model's page shows. */
  synchronized void see(Note note) {
    if (note instanceof Note.Params seen) {
      params.putAll(seen.values());
    } else if (note instanceof Note.Metrics seen) {
      seen.points().forEach(point -> metrics.put(point.name(), point));
    } else if (note instanceof Note.Inputs inputs) {
      for (DeltaInput.Use use : DeltaInput.Use.values()) {
        String context = use.name().toLowerCase(Locale.ROOT);
        for (ObjectNode input : inputs.datasets()) {
          if (input.at("/tags/0/value").asText().equals(context)) {
            JsonNode set = input.path("dataset");
            data.put(
                use,
                new LoggedModels.DataSet(set.path("name").asText(), set.path("digest").asText()));
          }
        }
      }
    }
  }

  /**
   * Logs the model. A server that refuses it loses a page only, so that is a warning.
   *
   * @return its id, once the server lists its files; empty if the server has no logged models, or
   *     refuses this one
   * @throws MlflowException if the server went away
   */
  synchronized Optional<String> log(
      MlflowConnection connection, Run run, ModelFolder folder, LocalFiles files) {
    Optional<LoggedModels> calls = connection.loggedModels();
    if (calls.isEmpty()) {
      return Optional.empty();
    }
    try {
      return log(connection, calls.get(), run, folder, files);
    } catch (MlflowException e) {
      boolean stopped = Thread.currentThread().isInterrupted();
      if (e.outlook() != MlflowException.Outlook.FINAL || e.refusedLogin() || stopped) {
        throw e;
      }
      LOG.warn("{} The experiment's page Models does not list the model.", e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<String> log(
      MlflowConnection connection,
      LoggedModels calls,
      Run run,
      ModelFolder folder,
      LocalFiles files) {
    Map<String, String> all = new LinkedHashMap<>(run.params());
    all.putAll(params);
    Optional<LoggedModels.LoggedModel> model =
        calls.ofRun(run, folder.modelUuid(), folder.artifactPath(), all);
    if (model.isEmpty()) {
      return Optional.empty();
    }
    String id = model.get().id();
    boolean done = calls.isOutput(run.id(), id);
    try {
      ArtifactStore store = connection.files(calls, model.get());
      if (!done || !VerifiedFolder.differences("", files, store.list("")).isEmpty()) {
        store.upload(files, "");
      }
      VerifiedFolder.requireAll(model.get().artifactUri(), "", files, store.list(""));
      if (done) {
        return Optional.of(id);
      }
      measured()
          .forEach((set, points) -> calls.metrics(run.id(), id, points, Optional.ofNullable(set)));
    } catch (MlflowException e) {
      // a version may have been made from a model that was done
      if (!done && e.outlook() == MlflowException.Outlook.FINAL) {
        calls.failed(id);
      }
      throw e;
    }
    calls.ready(run.id(), id);
    return Optional.of(id);
  }

  /**
   * The metrics by the data that they were measured on: {@code train_x} on the train rows, {@code
   * x} beside it on the test rows, others on neither.
   */
  private Map<LoggedModels.@Nullable DataSet, List<MetricPoint>> measured() {
    Map<LoggedModels.@Nullable DataSet, List<MetricPoint>> measured = new HashMap<>();
    metrics.forEach(
        (name, point) -> {
          boolean train = name.startsWith(TRAIN);
          boolean test = metrics.containsKey(TRAIN + name);
          LoggedModels.DataSet set =
              train
                  ? data.get(DeltaInput.Use.TRAINING)
                  : test ? data.get(DeltaInput.Use.TESTING) : null;
          measured.computeIfAbsent(set, of -> new ArrayList<>()).add(point);
        });
    return measured;
  }
}
