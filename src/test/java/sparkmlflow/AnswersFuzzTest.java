package sparkmlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import org.junit.jupiter.api.Assertions;
import testing.Mutations;

/** Whatever a server answers, a call gives a value or an {@link MlflowException}, and ends. */
class AnswersFuzzTest {

  private static final ScriptedServer SERVER = ScriptedServer.start();
  private static final MlflowConnection CONNECTION =
      MlflowConnection.open(TestSettings.once(SERVER.uri(), "", Login.NONE), duration -> {});

  private static final List<Runnable> CALLS =
      List.of(
          () -> CONNECTION.tracking().experimentNamed("wine"),
          () -> CONNECTION.tracking().experiment("7"),
          () -> CONNECTION.tracking().createExperiment("wine"),
          () -> CONNECTION.tracking().createRun("7", "n", Instant.EPOCH, "k", Map.of()),
          () -> CONNECTION.tracking().run("r1"),
          () -> CONNECTION.tracking().running("7", "t"),
          () -> CONNECTION.tracking().files("r1").below(""),
          () -> CONNECTION.tracking().files("r1").find("model/MLmodel"),
          () -> CONNECTION.tracking().logParams("r1", Map.of("a", "b")),
          () -> CONNECTION.registry().model("wine"),
          () -> CONNECTION.registry().versions("wine"),
          () -> CONNECTION.registry().find("wine", "3"),
          () -> CONNECTION.registry().ensureModel("wine"),
          () -> CONNECTION.registry().setAlias("wine", "champion", "3"));

  @AfterContainer
  static void close() {
    CONNECTION.close();
    SERVER.close();
  }

  @Provide
  Arbitrary<byte[]> answers() {
    return Mutations.of(
        Mutations.corpus("answers"),
        List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            "null",
            "true",
            "-1",
            "1e999",
            "NaN",
            "99999999999999999999",
            "\"next_page_token\": \"x\",",
            "\"is_dir\": true",
            "\"status\": \"LOST\"",
            "\\u0000",
            "\\ud800",
            "\"path\": \"\"",
            "\"path\": \"..\"",
            ",",
            ":",
            "{}",
            "[]",
            "[[[[[[[[",
            "{\"a\":{\"a\":",
            "\n",
            "\uFEFF",
            "\"error_code\": 5",
            "<html>",
            "\"run\": null,"));
  }

  @Example
  void theCorpus() {
    for (byte[] answer : Mutations.corpus("answers")) {
      for (int call = 0; call < CALLS.size(); call++) {
        anyAnswer(answer, call, 0);
      }
    }
  }

  @Property(seed = "18")
  void anyAnswer(
      @ForAll("answers") byte[] answer,
      @ForAll @IntRange(max = 13) int call,
      @ForAll @IntRange(max = 9) int kind) {
    SERVER.forget();
    int status = List.of(200, 200, 200, 200, 200, 201, 400, 401, 404, 500).get(kind);
    SERVER.otherwise(
        (exchange, request) -> {
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
          exchange.getResponseBody().write(answer);
        });
    Throwable thrown =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> catchThrowable(() -> CALLS.get(call).run()));
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(MlflowException.class);
    }
  }
}
