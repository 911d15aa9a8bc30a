package sparkmlflow.databricks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import sparkmlflow.ScriptedServer;

/**
 * What a client asked a stand-in workspace: each call by method and path, with ids and names of
 * files replaced, how often it was sent, and the fields of its query and body.
 */
record AskedCalls(String client, Map<String, Call> calls) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The steps of a model's way and the calls of each; the first that fits counts. */
  private static final Map<String, Pattern> STEPS = new LinkedHashMap<>();

  static {
    STEPS.put("experiment", Pattern.compile("mlflow/experiments/"));
    STEPS.put("model", Pattern.compile("logged-models|LoggedModels|Runs/ID|artifacts/|log-model"));
    STEPS.put("run, params, metrics and tags", Pattern.compile("mlflow/(runs|metrics)/"));
    STEPS.put("alias, set and read", Pattern.compile("registered-models/(alias|get)"));
    STEPS.put("version", Pattern.compile("unity-catalog/.*s/(create|finalize|search|get)|PUT fs"));
    STEPS.put("load", Pattern.compile("Models/MODEL|lineage"));
  }

  record Call(int count, Set<String> fields) {}

  static AskedCalls of(String client, List<ScriptedServer.Request> requests) {
    Map<String, Call> calls = new LinkedHashMap<>();
    for (ScriptedServer.Request request : requests) {
      String path =
          request
              .path()
              .replaceFirst("^/api/2.0/", "")
              .replaceFirst("(Runs|LoggedModels)/[^/]+/artifacts", "$1/ID")
              .replaceFirst("Artifacts/[0-9]+/", "Artifacts/EXPERIMENT/")
              .replaceFirst("Models/main/ml/[a-z]+/[0-9]+", "Models/MODEL/VERSION")
              .replaceFirst("fs/files/(.*(ID|VERSION))/.*", "fs/files/$1/FILE")
              .replaceFirst("fs/directories/(.*(ID|VERSION)).*", "fs/directories/$1")
              .replaceFirst("logged-models/[^/]+", "logged-models/ID");
      Set<String> fields = new TreeSet<>(StandInStorage.query(request.query()).keySet());
      if (request.body().startsWith("{") && !path.startsWith("fs/files/")) {
        json(request).fieldNames().forEachRemaining(fields::add);
      }
      calls.merge(
          request.method() + " " + path,
          new Call(1, fields),
          (one, other) -> {
            Set<String> both = new TreeSet<>(one.fields());
            both.addAll(other.fields());
            return new Call(one.count() + other.count(), both);
          });
    }
    return new AskedCalls(client, calls);
  }

  private static JsonNode json(ScriptedServer.Request request) {
    try {
      return JSON.readTree(request.body());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(request.path() + " has a body that is not JSON", e);
    }
  }

  /** A line for each call that only one of the two sends, and each field that only one gives. */
  Set<String> differences(AskedCalls other) {
    Set<String> differences = new LinkedHashSet<>();
    for (String call : both(other)) {
      if (!other.calls.containsKey(call)) {
        differences.add("only " + client + ": " + call);
      } else if (!calls.containsKey(call)) {
        differences.add("only " + other.client + ": " + call);
      } else {
        Set<String> here = fields(call);
        Set<String> there = other.fields(call);
        here.stream()
            .filter(field -> !there.contains(field))
            .forEach(field -> differences.add("only " + client + ": " + call + ", " + field));
        there.stream()
            .filter(field -> !here.contains(field))
            .forEach(field -> differences.add("only " + other.client + ": " + call + ", " + field));
      }
    }
    return differences;
  }

  /** Both side by side, step by step: how often each call was sent. */
  String table(AskedCalls other) {
    Map<String, List<String>> steps = new LinkedHashMap<>();
    STEPS.keySet().forEach(step -> steps.put(step, new ArrayList<>()));
    both(other)
        .forEach(call -> steps.computeIfAbsent(step(call), s -> new ArrayList<>()).add(call));
    StringBuilder table = new StringBuilder("%8s %8s%n".formatted(client, other.client));
    steps.forEach(
        (step, calls) -> {
          table.append(step).append(":\n");
          calls.forEach(
              call ->
                  table.append("%8s %8s  %s%n".formatted(count(call), other.count(call), call)));
        });
    return table.toString();
  }

  private static String step(String call) {
    return STEPS.entrySet().stream()
        .filter(step -> step.getValue().matcher(call).find())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("in several steps");
  }

  private Set<String> both(AskedCalls other) {
    Set<String> both = new LinkedHashSet<>(calls.keySet());
    both.addAll(other.calls.keySet());
    return both;
  }

  private Set<String> fields(String call) {
    Call found = calls.get(call);
    return found == null ? Set.of() : found.fields();
  }

  private String count(String call) {
    Call found = calls.get(call);
    return found == null ? "-" : String.valueOf(found.count());
  }
}
