package winequality.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sparkmlflow.MlflowException;
import sparkmlflow.Pause;
import sparkmlflow.registry.MemoryRegistry;
import winequality.JobTags;

class ModelLeaseTest {

  private static final Instant START = Instant.parse("2026-01-31T03:00:00Z");

  private final MemoryRegistry registry = new MemoryRegistry();
  private final Hands clock = new Hands();
  private final List<Duration> pauses = new ArrayList<>();

  /** A clock that pauses move on. */
  private static final class Hands extends Clock {
    private Instant now = START;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private Pause passing(Runnable... meanwhile) {
    return duration -> {
      clock.now = clock.now.plus(duration);
      pauses.add(duration);
      if (pauses.size() <= meanwhile.length) {
        meanwhile[pauses.size() - 1].run();
      }
    };
  }

  private ModelLease.Answer ask(String owner, Duration wait, Runnable... meanwhile) {
    pauses.clear();
    return ModelLease.of(registry, "wine", owner, wait, clock, passing(meanwhile));
  }

  private ModelLease granted(String owner) {
    return ((ModelLease.Answer.Granted) ask(owner, Duration.ZERO)).lease();
  }

  private void tag(String value) {
    registry.ensureModel("wine");
    registry.setModelTag("wine", JobTags.RETRAINING, value);
  }

  private String tag() {
    return registry.model("wine").orElseThrow().tags().getOrDefault(JobTags.RETRAINING, "none");
  }

  @Test
  void oneHasItUntilItGivesItBack() {
    try (ModelLease lease = granted("a")) {
      assertThat(lease).isNotNull();
      assertThat(tag()).isEqualTo("a until 2026-01-31T03:03:00Z");
      assertThat(ask("b", Duration.ZERO))
          .isEqualTo(
              new ModelLease.Answer.Held(new ModelLease.Holder("a", START.plus(ModelLease.TERM))));
      assertThat(tag()).startsWith("a ");
    }
    assertThat(tag()).isEqualTo("none");
    granted("b").close();
  }

  @Test
  void ofTwoThatWriteAtOnceTheOneWhoseTagStaysGoesOn() {
    String theirs = "b until " + START.plusSeconds(60);
    assertThat(ask("a", Duration.ZERO, () -> tag(theirs)))
        .isEqualTo(new ModelLease.Answer.Held(new ModelLease.Holder("b", START.plusSeconds(60))));
    assertThat(tag()).isEqualTo(theirs);
  }

  @Test
  void whoseWriteIsRefusedBecauseAnotherWroteFirstHasNotGotIt() {
    String theirs = "b until " + START.plusSeconds(60);
    registry.beforeChange(
        number -> {
          if (number == 1) {
            tag(theirs);
            throw MlflowException.refused("set a tag", "UNIQUE constraint failed");
          }
        });
    assertThat(ask("a", Duration.ZERO))
        .isEqualTo(new ModelLease.Answer.Held(new ModelLease.Holder("b", START.plusSeconds(60))));

    registry.beforeChange(
        number -> {
          throw MlflowException.refused("set a tag", "no such model");
        });
    clock.now = START.plusSeconds(61);
    assertThatThrownBy(() -> ask("a", Duration.ZERO))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("no such model");
  }

  @Test
  void aHolderThatIsNotHeardOfAnyMoreAndATagOfAnotherKindAreInNobodysWay() {
    for (String old : List.of("dead until 2026-01-31T02:59:59Z", "every night", "x until then")) {
      tag(old);
      granted("a").close();
    }
  }

  @Test
  void whoWaitsAsksAgainUntilItIsFreeOrTheTimeIsUp() {
    ModelLease first = granted("a");
    assertThat(ask("b", Duration.ofSeconds(60), () -> {}, first::close))
        .isInstanceOf(ModelLease.Answer.Granted.class);
    // twice five seconds, and one to see whether anybody else wrote
    assertThat(pauses).containsExactly(seconds(5), seconds(5), seconds(1));

    assertThat(ask("c", Duration.ofSeconds(12))).isInstanceOf(ModelLease.Answer.Held.class);
    assertThat(pauses).containsExactly(seconds(5), seconds(5), seconds(5));
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  @Test
  void aHolderThatLivesMovesItsEndOnAndLeavesAnothersTagAlone() {
    ModelLease lease = granted("a");
    clock.now = START.plusSeconds(100);
    lease.renew();
    assertThat(tag()).isEqualTo("a until " + START.plusSeconds(100).plus(ModelLease.TERM));

    String theirs = "b until " + START.plusSeconds(1000);
    tag(theirs);
    lease.renew();
    lease.close();
    assertThat(tag()).isEqualTo(theirs);
  }

  @Test
  void theThreadThatRenewsKeepsNoJobAliveAndEndsWhenAnotherHasTheLease()
      throws InterruptedException {
    Set<Thread> earlier = renewals();
    try (ModelLease lease = granted("a")) {
      Set<Thread> own = renewals();
      own.removeAll(earlier);
      assertThat(own).hasSize(1).allMatch(Thread::isDaemon);

      tag("b until " + START.plusSeconds(60));
      lease.renew();
      for (Thread thread : own) {
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
      }
    }
  }

  private static Set<Thread> renewals() {
    Set<Thread> found = new HashSet<>(Thread.getAllStackTraces().keySet());
    found.removeIf(thread -> !thread.getName().equals("lease-renewal"));
    return found;
  }

  @Test
  void aJobThatIsStoppedRightAfterItWroteGivesTheLeaseBack() {
    Pause stopped =
        duration -> {
          assertThat(tag()).startsWith("a until ");
          throw new InterruptedException();
        };
    assertThatThrownBy(() -> ModelLease.of(registry, "wine", "a", Duration.ZERO, clock, stopped))
        .isInstanceOf(IllegalStateException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(tag()).isEqualTo("none");
  }

  @Test
  void aJobThatIsStoppedWhileItWaitsHoldsNothing() {
    tag("b until " + START.plusSeconds(60));
    assertThatThrownBy(
            () ->
                ModelLease.of(
                    registry,
                    "wine",
                    "a",
                    Duration.ofMinutes(5),
                    clock,
                    duration -> {
                      throw new InterruptedException();
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stopped while it waited");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(tag()).startsWith("b ");
  }
}
