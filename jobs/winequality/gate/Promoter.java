package winequality.gate;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sparkmlflow.MlflowTags;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.Role;
import sparkmlflow.registry.Roles;
import sparkmlflow.tracking.TagValues;

/**
 * Moves the champion's role, forward and back, so that whatever happens in between leaves a state
 * that can be read and that the next call mends. A registry has no lock and no transaction; the
 * order of the calls has to do.
 *
 * <p><b>Promotion</b> of C while B is the champion and A was it before:
 *
 * <ol>
 *   <li>the role is looked at: if B is not the champion any more, nothing is done;
 *   <li>C gets the tag {@code replaces} = B. Left here, C has a tag that says nothing as long as C
 *       is not the champion; the next promotion of C overwrites it;
 *   <li>previous becomes B. Left here, champion and previous are both B; a rollback then goes by
 *       B's own tag {@code replaces}, to A;
 *   <li>the role is looked at again, and if B lost it, the promotion ends as overtaken;
 *   <li>champion becomes C: the one call that counts. Left here, C serves, and only its tag {@code
 *       gate} is old; promoting C again completes it;
 *   <li>the role is read back, and C gets its tags.
 * </ol>
 *
 * <p>Two promotions at once, of C and D over B: mostly the slower one sees at its second look that
 * B is not the champion and is overtaken. If both pass that look, the last to write is the
 * champion, the other reads that back and is overtaken or, if it read in between, was the champion
 * for a moment. In each case one of two versions that were better than B serves, and previous is B.
 *
 * <p><b>Rollback</b> from C goes to the version before it and, called again, to the one before
 * that; never to a version that was rolled back itself, so that two rollbacks do not lead back to
 * C. The champion's role moves first. Left there, champion and previous are both B; a further
 * rollback and the next promotion deal with that as above.
 */
public final class Promoter {

  private final RegistryCalls registry;
  private final Lifecycle lifecycle;

  public Promoter(RegistryCalls registry, Lifecycle lifecycle) {
    this.registry = registry;
    this.lifecycle = lifecycle;
  }

  /**
   * Makes the version the champion, if the champion is still the expected one.
   *
   * @param expected the champion that the version is to replace; empty for none
   */
  public Promotion promote(
      String model, String version, Optional<String> expected, Authority authority) {
    Optional<String> champion = lifecycle.roles(model).of(Role.CHAMPION);
    if (champion.equals(Optional.of(version))) {
      // a promotion that was cut off before its tags, or a repeat
      tag(model, version, authority);
      return new Promotion.Done(
          registry.find(model, version).flatMap(found -> found.tag(MlflowTags.REPLACES)));
    }
    if (!champion.equals(expected)) {
      return new Promotion.Overtaken(champion);
    }
    registry.setTags(model, version, Map.of(MlflowTags.REPLACES, expected.orElse("")));
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
    tags.put(MlflowTags.GATE, MlflowTags.PROMOTED);
    tags.put(MlflowTags.PROMOTED_BY, authority.who());
    tags.put(MlflowTags.PROMOTED_AT, authority.when().toString());
    tags.put(MlflowTags.PROMOTION_REASON, authority.reason());
    registry.setTags(model, version, TagValues.shortened(tags));
  }

  /**
   * Puts the champion before the present one back. No file is looked at, so that it works whatever
   * is broken.
   */
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
          "version %s of %s is the champion, and no earlier champion is left that was not rolled back itself. Promote a version of your choice instead: wine promote --version N --reason \"...\""
              .formatted(from, model));
    }
    lifecycle.place(model, Role.CHAMPION, target.get());
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(MlflowTags.GATE, MlflowTags.ROLLED_BACK);
    tags.put(MlflowTags.ROLLED_BACK_BY, authority.who());
    tags.put(MlflowTags.ROLLED_BACK_AT, authority.when().toString());
    tags.put(MlflowTags.ROLLBACK_REASON, authority.reason());
    if (registry.find(model, from).isPresent()) {
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
    return registry.find(model, version).flatMap(found -> found.tag(MlflowTags.REPLACES));
  }

  /** The first of a version and those before it that is there and was not rolled back. */
  private Optional<String> eligible(String model, Optional<String> start, Set<String> seen) {
    Optional<String> version = start;
    while (version.isPresent() && seen.add(version.get())) {
      Optional<ModelVersion> found = registry.find(model, version.get());
      if (found.isEmpty()) {
        return Optional.empty();
      }
      if (found.get().status() == ModelVersion.Status.READY
          && !found.get().tag(MlflowTags.GATE).equals(Optional.of(MlflowTags.ROLLED_BACK))) {
        return version;
      }
      version = found.get().tag(MlflowTags.REPLACES);
    }
    return Optional.empty();
  }
}
