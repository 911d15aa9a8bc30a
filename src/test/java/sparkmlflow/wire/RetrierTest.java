package sparkmlflow.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sparkmlflow.MlflowException;
import sparkmlflow.MlflowException.Outlook;

class RetrierTest {

  private final List<Long> pauses = new ArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();

  private final AtomicLong now = new AtomicLong();

  private Retrier retrier(int attempts, double random) {
    return retrier(attempts, random, Duration.ofHours(1));
  }

  /** A retrier whose server has answered before; time passes only while it waits. */
  private Retrier retrier(int attempts, double random, Duration patience) {
    Retrier retrier = fresh(attempts, random, patience);
    retrier.repeatable(() -> "an answer");
    return retrier;
  }

  private Retrier fresh(int attempts, double random, Duration patience) {
    return new Retrier(
        attempts,
        Duration.ofSeconds(1),
        patience,
        pause -> {
          pauses.add(pause.toMillis());
          now.addAndGet(pause.toNanos());
        },
        () -> random,
        now::get);
  }

  private static MlflowException failure(Outlook outlook) {
    return MlflowException.unanswered("try", outlook, "no.", null);
  }

  private static MlflowException later(long seconds) {
    return new MlflowException(
        429,
        null,
        Outlook.NOT_DONE,
        Duration.ofSeconds(seconds),
        MlflowException.message("try", "later."),
        null);
  }

  private String failing(int times, MlflowException failure) {
    if (calls.incrementAndGet() <= times) {
      throw failure;
    }
    return "done";
  }

  @Test
  void pausesDoubleUpToHalfAMinute() {
    String done = retrier(8, 0.0).repeatable(() -> failing(7, failure(Outlook.NOT_DONE)));
    assertThat(done).isEqualTo("done");
    assertThat(pauses).containsExactly(1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L);
  }

  @Test
  void atMostHalfOfAPauseIsTakenOffAtRandom() {
    retrier(3, 0.5).repeatable(() -> failing(2, failure(Outlook.NOT_DONE)));
    assertThat(pauses).containsExactly(750L, 1500L);
  }

  @Test
  void theServersRetryAfterCountsWhenLongerAndUpToAMinute() {
    retrier(2, 0.0).repeatable(() -> failing(1, later(7)));
    calls.set(0);
    retrier(2, 0.0).repeatable(() -> failing(1, later(0)));
    calls.set(0);
    retrier(2, 0.0).repeatable(() -> failing(1, later(86_400)));
    calls.set(0);
    retrier(2, 0.0).repeatable(() -> failing(1, later(Long.MAX_VALUE)));
    assertThat(pauses).containsExactly(7000L, 1000L, 60000L, 60000L);
  }

  @Test
  void theLastFailureComesOutWithTheNumberOfAttempts() {
    assertThatThrownBy(() -> retrier(3, 0.0).repeatable(() -> failing(9, failure(Outlook.UNKNOWN))))
        .isInstanceOf(MlflowException.class)
        .hasMessage("Could not try: no. (3 attempts)");
    assertThat(calls).hasValue(3);
    assertThat(pauses).hasSize(2);
  }

  @Test
  void anAddressThatNeverAnsweredIsTriedThreeTimes() {
    Duration patience = Duration.ofHours(1);
    assertThatThrownBy(
            () -> fresh(20, 0.0, patience).repeatable(() -> failing(9, failure(Outlook.NOT_DONE))))
        .hasMessageEndingWith("(3 attempts)");
    calls.set(0);
    // a server that is starting answers 503, and is waited for
    assertThat(fresh(20, 0.0, patience).repeatable(() -> failing(9, later(0)))).isEqualTo("done");
  }

  @Test
  void allCallsTogetherFailNoLongerThanThePatience() {
    Retrier retrier = retrier(20, 0.0, Duration.ofSeconds(12));
    // 1 + 2 + 4 s of failing
    retrier.repeatable(() -> failing(3, failure(Outlook.NOT_DONE)));
    // the time between failures costs no patience
    now.addAndGet(Duration.ofHours(1).toNanos());
    retrier.repeatable(() -> "an answer");
    calls.set(0);
    // 1 + 2 s more; 4 s would make it 14 s
    assertThatThrownBy(() -> retrier.repeatable(() -> failing(9, failure(Outlook.NOT_DONE))))
        .hasMessageEndingWith("(3 attempts)");
    assertThat(pauses).containsExactly(1000L, 2000L, 4000L, 1000L, 2000L);
  }

  @Test
  void anAnswerEndsTheFailingEvenIfItIsARefusal() {
    Retrier retrier = retrier(20, 0.0, Duration.ofSeconds(12));
    assertThatThrownBy(
            () ->
                retrier.repeatable(
                    () -> {
                      if (calls.incrementAndGet() == 1) {
                        throw failure(Outlook.NOT_DONE);
                      }
                      throw new MlflowException(404, "NONE", Outlook.FINAL, null, "none", null);
                    }))
        .hasMessage("none");
    now.addAndGet(Duration.ofHours(1).toNanos());
    calls.set(0);
    assertThat(retrier.repeatable(() -> failing(2, failure(Outlook.NOT_DONE)))).isEqualTo("done");
  }

  @Test
  void whenThePatienceIsSpentNoCallWaitsUntilOneSucceeds() {
    Retrier retrier = retrier(20, 0.0, Duration.ofSeconds(4));
    assertThatThrownBy(() -> retrier.repeatable(() -> failing(9, failure(Outlook.NOT_DONE))))
        .hasMessageEndingWith("(3 attempts)");
    assertThat(pauses).containsExactly(1000L, 2000L);
    // another thread, a lease that is given back, a later stage
    calls.set(0);
    assertThatThrownBy(() -> retrier.repeatable(() -> failing(9, failure(Outlook.NOT_DONE))))
        .hasMessage("Could not try: no.");
    assertThat(calls).hasValue(1);
    assertThat(pauses).hasSize(2);
    now.addAndGet(Duration.ofHours(1).toNanos());
    retrier.repeatable(() -> "an answer");
    calls.set(0);
    assertThat(retrier.repeatable(() -> failing(2, failure(Outlook.NOT_DONE)))).isEqualTo("done");
  }

  @Test
  void theTimeOfAFailedAttemptCostsPatience() {
    Retrier retrier = retrier(20, 0.0, Duration.ofSeconds(60));
    assertThatThrownBy(
            () ->
                retrier.repeatable(
                    () -> {
                      if (calls.incrementAndGet() > 1) {
                        now.addAndGet(Duration.ofSeconds(30).toNanos());
                      }
                      throw failure(Outlook.UNKNOWN);
                    }))
        .hasMessageEndingWith("(3 attempts)");
  }

  @Test
  void aFinalFailureIsNotRepeated() {
    assertThatThrownBy(() -> retrier(3, 0.0).repeatable(() -> failing(9, failure(Outlook.FINAL))))
        .hasMessage("Could not try: no.");
    assertThat(calls).hasValue(1);
  }

  @Test
  void whatAFailedCreateLeftBehindIsFoundInsteadOfMadeAgain() {
    String made =
        retrier(3, 0.0)
            .create(() -> failing(9, failure(Outlook.UNKNOWN)), () -> Optional.of("found"));
    assertThat(made).isEqualTo("found");
    assertThat(calls).hasValue(1);
  }

  @Test
  void itIsLookedForAfterTheLastAttemptToo() {
    String made =
        retrier(1, 0.0)
            .create(() -> failing(9, failure(Outlook.UNKNOWN)), () -> Optional.of("found"));
    assertThat(made).isEqualTo("found");
    assertThat(pauses).isEmpty();
  }

  @Test
  void nothingIsLookedForAfterACallThatNeverArrived() {
    AtomicInteger looks = new AtomicInteger();
    String made =
        retrier(3, 0.0)
            .create(
                () -> failing(2, failure(Outlook.NOT_DONE)),
                () -> {
                  looks.incrementAndGet();
                  return Optional.empty();
                });
    assertThat(made).isEqualTo("done");
    assertThat(looks).hasValue(0);
  }

  @Test
  void withoutASuccessfulLookNothingIsCreatedAgain() {
    assertThatThrownBy(
            () ->
                retrier(3, 0.0)
                    .create(
                        () -> failing(9, failure(Outlook.UNKNOWN)),
                        () -> {
                          throw MlflowException.refused("look", "blind.");
                        }))
        .hasMessage("Could not try: no.")
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("Could not look: blind."));
    assertThat(calls).hasValue(1);
  }

  @Test
  void aStopWhileWaitingEndsTheAttemptsAndKeepsTheInterrupt() {
    Retrier stopped =
        new Retrier(
            3,
            Duration.ofMillis(1),
            Duration.ofSeconds(1),
            pause -> {
              throw new InterruptedException();
            },
            () -> 0.0,
            now::get);
    assertThatThrownBy(() -> stopped.repeatable(() -> failing(9, failure(Outlook.NOT_DONE))))
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(calls).hasValue(1);
  }
}
