package winequality.gate;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.Role;
import sparkmlflow.registry.Roles;
import sparkmlflow.tracking.TagValues;
import winequality.JobTags;

/**
 * Moves the champion's role forward and back. Registries have neither locks nor transactions, so
 * the order of the calls ensures that an interrupted call leaves a valid state and that the next
 * call completes it.
 *
 * <p><b>Promotion</b> of C while B is the champion and A was the champion before B:
 *
 * <ol>
 *   <li>Read the role: if B is no longer the champion, change nothing.
 *   <li>Set the tag {@code replaces} of C to B. The tag has no effect until C is the champion, and
 *       the next promotion of C overwrites it.
 *   <li>Make B the previous version. After an interruption, champion and previous are both B; a
 *       rollback then follows B's tag {@code replaces} to A.
 *   <li>Read the role again: if B lost it, the promotion is overtaken.
 *   <li>Make C the champion. After an interruption, C serves and only its tag {@code gate} is old;
 *       promoting C again completes it.
 *   <li>Read the role back and tag C.
 * </ol>
 *
 * <p>If C and D are promoted over B at once, the slower one usually sees at step 4 that B lost the
 * role. If both pass step 4, the last writer is the champion. The other one is overtaken at step 6
 * or, if it read in between, was the champion for a moment. In each case a version that was better
 * than B serves, and B is the previous version.
 *
 * <p><b>Rollback</b> from C leads to the version before it, and a second rollback to the one before
 * that. It skips rolled-back versions, so two rollbacks do not lead back to C. The champion's role
 * moves first; after an interruption, champion and previous are both B, as above.
 */
public final class Promoter {

  private final RegistryCalls registry;
  private final Lifecycle lifecycle;

  public Promoter(RegistryCalls registry, Lifecycle lifecycle) {
    this.registry = registry;
    this.lifecycle = lifecycle;
  }

  /** Makes the version the champion if the champion is still the expected one (empty: none). */
  public Promotion promote(
      String model, String version, Optional<String> expected, Authority authority) {
    Optional<String> champion = lifecycle.roles(model).of(Role.CHAMPION);
    if (champion.equals(Optional.of(version))) {
      // a repeated promotion, or one that was interrupted before its tags
      tag(model, version, authority);
      return new Promotion.Done(
          registry.find(model, version).flatMap(found -> found.tag(JobTags.REPLACES)));
    }
    if (!champion.equals(expected)) {
      return new Promotion.Overtaken(champion);
    }
    registry.setTags(model, version, Map.of(JobTags.REPLACES, expected.orElse("")));
    if (expected.isPresent()) {
      lifecycle.place(model, Role.PREVIOUS, expected.get());
      champion = lifecycle.roles(model).of(Role.CHAMPION);
      if (!champion.equals(expected)) {
        return new Promotion.Overtaken(champion);
      }
    }
    lifecycle.place(model, Role.CHAMPION, version);
    champion = lifecycle.roles(model).of(Role.CHAMPION);
    if (!champion.equals(Optional.of(version))) {
      return new Promotion.Overtaken(champion);
    }
    tag(model, version, authority);
    return new Promotion.Done(expected);
  }

  private void tag(String model, String version, Authority authority) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(JobTags.GATE, JobTags.PROMOTED);
    tags.put(JobTags.PROMOTED_BY, authority.who());
    tags.put(JobTags.PROMOTED_AT, authority.when().toString());
    tags.put(JobTags.PROMOTION_REASON, authority.reason());
    registry.setTags(model, version, TagValues.shortened(tags));
  }

  /** Restores the previous champion. It reads no files, so it works with a broken model too. */
  public Rollback rollback(String model, Authority authority) {
    Roles roles = lifecycle.roles(model);
    Optional<String> champion = roles.of(Role.CHAMPION);
    if (champion.isEmpty()) {
      return new Rollback.Impossible("no version of " + model + " is the champion.");
    }
    String from = champion.get();
    Set<String> seen = new HashSet<>(Set.of(from));
    Optional<String> first =
        roles
            .of(Role.PREVIOUS)
            .filter(version -> !version.equals(from))
            .or(() -> before(model, from));
    Optional<String> target = eligible(model, first, seen);
    if (target.isEmpty()) {
      return new Rollback.Impossible(
          "version %s of %s is the champion, and no earlier champion is left to return to. Promote a version of your choice instead: wine promote --version N --reason \"...\""
              .formatted(from, model));
    }
    lifecycle.place(model, Role.CHAMPION, target.get());
    if (registry.find(model, from).isPresent()) {
      Map<String, String> tags = new LinkedHashMap<>();
      tags.put(JobTags.GATE, JobTags.ROLLED_BACK);
      tags.put(JobTags.ROLLED_BACK_BY, authority.who());
      tags.put(JobTags.ROLLED_BACK_AT, authority.when().toString());
      tags.put(JobTags.ROLLBACK_REASON, authority.reason());
      registry.setTags(model, from, TagValues.shortened(tags));
    }
    Optional<String> further = eligible(model, before(model, target.get()), seen);
    if (further.isPresent()) {
      lifecycle.place(model, Role.PREVIOUS, further.get());
    } else {
      lifecycle.vacate(model, Role.PREVIOUS);
    }
    return new Rollback.Done(from, target.get(), further);
  }

  private Optional<String> before(String model, String version) {
    return registry.find(model, version).flatMap(found -> found.tag(JobTags.REPLACES));
  }

  /** The first version from the start backwards that is ready and was not rolled back. */
  private Optional<String> eligible(String model, Optional<String> start, Set<String> seen) {
    Optional<String> version = start;
    while (version.isPresent() && seen.add(version.get())) {
      Optional<ModelVersion> found = registry.find(model, version.get());
      if (found.isEmpty()) {
        return Optional.empty();
      }
      if (found.get().status() == ModelVersion.Status.READY
          && !found.get().tag(JobTags.GATE).equals(Optional.of(JobTags.ROLLED_BACK))) {
        return version;
      }
      version = found.get().tag(JobTags.REPLACES);
    }
    return Optional.empty();
  }

  /** The outcome of a promotion. */
  public sealed interface Promotion {

    /** The version is the champion, in place of {@code replaced} if there was one. */
    record Done(Optional<String> replaced) implements Promotion {}

    /** Another promotion or rollback made a champion that the version was not compared with. */
    record Overtaken(Optional<String> champion) implements Promotion {}
  }

  /** The outcome of a rollback. */
  public sealed interface Rollback {

    /** The champion is {@code to} again; another rollback would lead to {@code further}. */
    record Done(String from, String to, Optional<String> further) implements Rollback {}

    /** No earlier champion is left; nothing was changed. {@code why} ends with a full stop. */
    record Impossible(String why) implements Rollback {}
  }
}
