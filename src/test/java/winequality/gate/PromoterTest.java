package winequality.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.LifecycleKind;
import sparkmlflow.registry.MemoryRegistry;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.Role;
import sparkmlflow.registry.Roles;
import winequality.gate.Promoter.Promotion;
import winequality.gate.Promoter.Rollback;
import winequality.gate.VersionSettings.OldVersions;

/** Roles on both kinds of registry, with a cut or a rival at every point between two calls. */
class PromoterTest {

  private static final String MODEL = "wine";
  private static final Authority ADA =
      new Authority("ada", "because", Instant.parse("2026-01-02T03:04:05Z"));

  private final MemoryRegistry registry = new MemoryRegistry().withReady(9);

  private static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private Lifecycle lifecycle(LifecycleKind kind) {
    return Lifecycle.of(registry, TestRegistrySettings.named(MODEL, kind));
  }

  private Promoter promoter(LifecycleKind kind) {
    return new Promoter(registry, lifecycle(kind));
  }

  private Optional<String> champion(LifecycleKind kind) {
    return lifecycle(kind).roles(MODEL).of(Role.CHAMPION);
  }

  private Optional<String> previous(LifecycleKind kind) {
    return lifecycle(kind).roles(MODEL).of(Role.PREVIOUS);
  }

  private Promotion promote(LifecycleKind kind, String version) {
    return promoter(kind).promote(MODEL, version, champion(kind), ADA);
  }

  private String gate(String version) {
    return registry.version(MODEL, version).tags().getOrDefault("gate", "");
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void eachPromotionRemembersWhomItReplacedAndWhoDidIt(LifecycleKind kind) {
    assertThat(promote(kind, "1")).isEqualTo(new Promotion.Done(Optional.empty()));
    assertThat(champion(kind)).hasValue("1");
    assertThat(previous(kind)).isEmpty();
    assertThat(promote(kind, "3")).isEqualTo(new Promotion.Done(Optional.of("1")));
    assertThat(champion(kind)).hasValue("3");
    assertThat(previous(kind)).hasValue("1");
    assertThat(promote(kind, "3"))
        .as("a repeated promotion")
        .isEqualTo(new Promotion.Done(Optional.of("1")));
    assertThat(registry.version(MODEL, "3").tags())
        .isEqualTo(
            Map.of(
                "gate", "promoted",
                "replaces", "1",
                "promoted_by", "ada",
                "promoted_at", "2026-01-02T03:04:05Z",
                "promotion_reason", "because"));
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void aVersionComparedWithAnotherChampionIsNotPromoted(LifecycleKind kind) {
    promote(kind, "1");
    promote(kind, "2");
    int before = registry.changes();
    assertThat(promoter(kind).promote(MODEL, "3", Optional.of("1"), ADA))
        .isEqualTo(new Promotion.Overtaken(Optional.of("2")));
    assertThat(promoter(kind).promote(MODEL, "3", Optional.empty(), ADA))
        .isEqualTo(new Promotion.Overtaken(Optional.of("2")));
    assertThat(registry.changes()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void aPromotionThatBreaksOffAnywhereIsMendedByTheNextCall(LifecycleKind kind) {
    for (int cut = 1; cut <= changesOfAPromotion(kind); cut++) {
      for (boolean back : new boolean[] {true, false}) {
        MemoryRegistry fresh = new MemoryRegistry().withReady(9);
        Lifecycle roles = Lifecycle.of(fresh, TestRegistrySettings.named(MODEL, kind));
        Promoter promoter = new Promoter(fresh, roles);
        promoter.promote(MODEL, "1", Optional.empty(), ADA);
        promoter.promote(MODEL, "2", Optional.of("1"), ADA);
        cutBefore(cut, fresh, () -> promoter.promote(MODEL, "3", Optional.of("2"), ADA));
        String serving = roles.roles(MODEL).of(Role.CHAMPION).orElseThrow();
        assertThat(serving).isIn("2", "3");
        if (back) {
          promoter.rollback(MODEL, ADA);
          assertThat(roles.roles(MODEL).of(Role.CHAMPION))
              .as("rollback after a cut before change %d", cut)
              .hasValue(serving.equals("3") ? "2" : "1");
        } else {
          promoter.promote(MODEL, "3", Optional.of(serving), ADA);
          assertThat(roles.roles(MODEL).of(Role.CHAMPION)).hasValue("3");
          assertThat(roles.roles(MODEL).of(Role.PREVIOUS)).hasValue("2");
          assertThat(fresh.version(MODEL, "3").tags())
              .as("promotion after a cut before change %d", cut)
              .containsEntry("gate", "promoted")
              .containsEntry("replaces", "2");
        }
      }
    }
  }

  private static void cutBefore(int change, MemoryRegistry registry, Runnable work) {
    registry.beforeChange(
        number -> {
          if (number == change) {
            throw new Cut();
          }
        });
    assertThatThrownBy(work::run).isInstanceOf(Cut.class);
    registry.beforeChange(number -> {});
  }

  private static int changesOfAPromotion(LifecycleKind kind) {
    MemoryRegistry registry = new MemoryRegistry().withReady(9);
    Promoter promoter =
        new Promoter(registry, Lifecycle.of(registry, TestRegistrySettings.named(MODEL, kind)));
    promoter.promote(MODEL, "1", Optional.empty(), ADA);
    registry.beforeChange(number -> {});
    promoter.promote(MODEL, "2", Optional.of("1"), ADA);
    assertThat(registry.changes()).isGreaterThanOrEqualTo(4);
    return registry.changes();
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void aRollbackThatBreaksOffAnywhereIsMendedByTheNext(LifecycleKind kind) {
    for (int cut = 1; cut <= 3; cut++) {
      MemoryRegistry fresh = new MemoryRegistry().withReady(9);
      Lifecycle roles = Lifecycle.of(fresh, TestRegistrySettings.named(MODEL, kind));
      Promoter promoter = new Promoter(fresh, roles);
      promoter.promote(MODEL, "1", Optional.empty(), ADA);
      promoter.promote(MODEL, "2", Optional.of("1"), ADA);
      promoter.promote(MODEL, "3", Optional.of("2"), ADA);
      cutBefore(cut, fresh, () -> promoter.rollback(MODEL, ADA));
      String serving = roles.roles(MODEL).of(Role.CHAMPION).orElseThrow();
      assertThat(serving).isEqualTo(cut == 1 ? "3" : "2");
      promoter.rollback(MODEL, ADA);
      assertThat(roles.roles(MODEL).of(Role.CHAMPION)).hasValue(serving.equals("3") ? "2" : "1");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void ofTwoPromotionsAtOnceOneWinsAndTheOneBeforeIsKept(LifecycleKind kind) {
    // the rival does all its work before change number `point` of ours
    for (int point = 1; point <= 4; point++) {
      MemoryRegistry fresh = new MemoryRegistry().withReady(9);
      Lifecycle roles = Lifecycle.of(fresh, TestRegistrySettings.named(MODEL, kind));
      Promoter promoter = new Promoter(fresh, roles);
      promoter.promote(MODEL, "1", Optional.empty(), ADA);
      promoter.promote(MODEL, "2", Optional.of("1"), ADA);
      int at = point;
      List<Promotion> rival = new ArrayList<>();
      fresh.beforeChange(
          number -> {
            if (number == at) {
              fresh.beforeChange(again -> {});
              rival.add(promoter.promote(MODEL, "4", Optional.of("2"), ADA));
            }
          });
      Promotion ours = promoter.promote(MODEL, "3", Optional.of("2"), ADA);
      Roles now = roles.roles(MODEL);
      assertThat(now.of(Role.PREVIOUS)).as("point %d", point).hasValue("2");
      // up to its second look it sees that it is overtaken
      assertThat(ours)
          .as("point %d", point)
          .isInstanceOf(point <= 2 ? Promotion.Overtaken.class : Promotion.Done.class);
      if (ours instanceof Promotion.Overtaken overtaken) {
        assertThat(overtaken.champion()).hasValue("4");
        assertThat(now.of(Role.CHAMPION)).hasValue("4");
        assertThat(fresh.version(MODEL, "3").tags()).doesNotContainKey("gate");
      } else {
        assertThat(now.of(Role.CHAMPION)).as("point %d", point).hasValue("3");
      }
      // the rival comes too late, or is the champion, or was it for a moment
      assertThat(rival).hasSize(1);
      assertThat(rival.get(0))
          .isEqualTo(
              point == 4
                  ? new Promotion.Overtaken(Optional.of("3"))
                  : new Promotion.Done(Optional.of("2")));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void rollingBackAgainGoesFurtherBackAndNeverForward(LifecycleKind kind) {
    promote(kind, "1");
    promote(kind, "2");
    promote(kind, "3");
    assertThat(promoter(kind).rollback(MODEL, ADA))
        .isEqualTo(new Rollback.Done("3", "2", Optional.of("1")));
    assertThat(champion(kind)).hasValue("2");
    assertThat(previous(kind)).hasValue("1");
    assertThat(gate("3")).isEqualTo("rolled-back");
    assertThat(registry.version(MODEL, "3").tags())
        .containsEntry("rolled_back_by", "ada")
        .containsEntry("rollback_reason", "because");
    assertThat(promoter(kind).rollback(MODEL, ADA))
        .isEqualTo(new Rollback.Done("2", "1", Optional.empty()));
    assertThat(previous(kind)).isEmpty();
    int before = registry.changes();
    assertThat(promoter(kind).rollback(MODEL, ADA))
        .isInstanceOfSatisfying(
            Rollback.Impossible.class,
            none ->
                assertThat(none.why())
                    .contains("version 1 of wine is the champion")
                    .contains("wine promote --version N"));
    assertThat(registry.changes()).isEqualTo(before);
    assertThat(champion(kind)).hasValue("1");
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void aVersionPromotedAgainAfterItsRollbackCanBeRolledBackToTheOneBefore(LifecycleKind kind) {
    promote(kind, "1");
    promote(kind, "2");
    promoter(kind).rollback(MODEL, ADA);
    promote(kind, "2");
    assertThat(gate("2")).isEqualTo("promoted");
    promote(kind, "3");
    assertThat(promoter(kind).rollback(MODEL, ADA))
        .isEqualTo(new Rollback.Done("3", "2", Optional.of("1")));
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void goingBackByHandMakesNoCircle(LifecycleKind kind) {
    promote(kind, "1");
    promote(kind, "2");
    promote(kind, "1");
    assertThat(promoter(kind).rollback(MODEL, ADA))
        .isEqualTo(new Rollback.Done("1", "2", Optional.empty()));
    assertThat(promoter(kind).rollback(MODEL, ADA)).isInstanceOf(Rollback.Impossible.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void withoutAChampionThereIsNothingToRollBack(LifecycleKind kind) {
    assertThat(promoter(kind).rollback(MODEL, ADA))
        .isEqualTo(new Rollback.Impossible("no version of wine is the champion."));
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void deletedVersionsAreNotRolledBackTo(LifecycleKind kind) {
    promote(kind, "1");
    promote(kind, "2");
    registry.delete(MODEL, "1");
    assertThat(promoter(kind).rollback(MODEL, ADA)).isInstanceOf(Rollback.Impossible.class);
    assertThat(champion(kind)).hasValue("2");
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void housekeepingNeverTouchesWhatIsInUse(LifecycleKind kind) {
    registry.setAlias(MODEL, "mine", "3");
    registry.setTags(MODEL, "4", Map.of("gate", "awaiting-approval"));
    promote(kind, "1");
    promote(kind, "2");
    VersionSettings settings = TestRegistrySettings.keeping(2, OldVersions.ARCHIVE);
    assertThat(tidy(kind, settings)).containsExactly("7", "6", "5");
    assertThat(tidy(kind, settings)).isEmpty();
    assertThat(registry.versions(MODEL)).hasSize(9);
    assertThat(tidy(kind, TestRegistrySettings.keeping(3, OldVersions.DELETE)))
        .containsExactly("6", "5");
    assertThat(registry.versions(MODEL).stream().map(ModelVersion::version))
        .containsExactly("9", "8", "7", "4", "3", "2", "1");
    assertThat(tidy(kind, TestRegistrySettings.keeping(0, OldVersions.DELETE))).isEmpty();
    assertThat(champion(kind)).hasValue("2");
    assertThat(previous(kind)).hasValue("1");
  }

  private List<String> tidy(LifecycleKind kind, VersionSettings settings) {
    return Housekeeping.tidy(registry, lifecycle(kind), MODEL, settings);
  }

  @ParameterizedTest
  @EnumSource(names = {"ALIASES", "STAGES"})
  void aVersionIsFoundByNumberRoleOrAlias(LifecycleKind kind) {
    promote(kind, "1");
    promote(kind, "2");
    lifecycle(kind).place(MODEL, Role.CHALLENGER, "5");
    registry.setAlias(MODEL, "mine", "3");
    assertThat(named(kind, "champion")).hasValue("2");
    assertThat(named(kind, "previous")).hasValue("1");
    assertThat(named(kind, "challenger")).hasValue("5");
    assertThat(named(kind, "mine")).hasValue("3");
    assertThat(named(kind, "7")).hasValue("7");
    assertThat(named(kind, "70")).isEmpty();
    assertThat(named(kind, "nobody")).isEmpty();
  }

  private Optional<String> named(LifecycleKind kind, String name) {
    return lifecycle(kind).named(registry, MODEL, name).map(ModelVersion::version);
  }
}
