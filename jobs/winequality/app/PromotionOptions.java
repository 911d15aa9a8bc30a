package winequality.app;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import winequality.app.job.UsageException;

/** The options that only {@link PromotionJob} takes. */
final class PromotionOptions {

  @Parameters(
      arity = "0..1",
      paramLabel = "rollback",
      description = "The word rollback: make the previous champion the champion again.")
  private @Nullable String action;

  @Option(
      names = "--version",
      paramLabel = "N",
      description =
          "The version to promote: a number, challenger, previous or an alias. With --to: the champion by default.")
  private @Nullable String version;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why; kept with the version. Needed for a promotion.")
  private @Nullable String reason;

  @Option(
      names = "--to",
      paramLabel = "NAME|ADDRESS",
      description =
          "Copy the version to another registered model, or to another registry (http...), and promote it there.")
  private @Nullable String to;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "The registered model's name in that registry, if it differs.")
  private @Nullable String as;

  @Option(
      names = "--approval-tag",
      paramLabel = "TAG",
      description =
          "Promote the version only if its tag TAG is Approved, as the button Approve of a Databricks deployment job sets it. Replaces --reason.")
  private @Nullable String approvalTag;

  /** Throws a {@link UsageException} if options are missing or exclude each other. */
  Request request() {
    String why = reason == null ? "" : reason.strip();
    if (action != null && !action.equals("rollback")) {
      throw new UsageException(
          "Unknown action \"%s\"; leave it out to promote a version, or write rollback"
              .formatted(action));
    }
    if (action != null) {
      if (version != null || to != null || as != null || approvalTag != null) {
        throw new UsageException(
            "A rollback goes to the previous champion and takes no --version, --to, --as or --approval-tag; `promote --version N` promotes a version of your choice");
      }
      return new Request.Back(why);
    }
    if (approvalTag != null) {
      if (reason != null || to != null) {
        throw new UsageException(
            "--approval-tag is the reason itself and approves one version; it takes no --reason and no --to");
      }
      why = "its tag %s is Approved".formatted(approvalTag);
    }
    if (why.isEmpty()) {
      throw new UsageException(
          "--reason is missing; say in a few words why, for those who read it later");
    }
    if (to == null) {
      if (as != null) {
        throw new UsageException(
            "--as names the model in another registry; --to with its address is missing");
      }
      if (version == null) {
        throw new UsageException(
            "--version is missing; name the version to promote, such as --version 3 or --version challenger");
      }
      return new Request.Promote(version, why, Optional.ofNullable(approvalTag));
    }
    boolean address = to.contains("://");
    if (as != null && !address) {
      throw new UsageException(
          "--as needs an address in --to; a name in --to is the model's name already");
    }
    return new Request.Copy(
        Optional.ofNullable(version),
        address ? Optional.of(to) : Optional.empty(),
        address ? Optional.ofNullable(as) : Optional.of(to),
        why);
  }

  sealed interface Request {
    String reason();

    /** A promotion, perhaps only if the version has a tag that approves it. */
    record Promote(String version, String reason, Optional<String> approvalTag)
        implements Request {}

    /** A rollback. */
    record Back(String reason) implements Request {}

    /** A copy of a version (empty: the champion) to another registry or name (empty: the same). */
    record Copy(
        Optional<String> version, Optional<String> address, Optional<String> name, String reason)
        implements Request {}
  }
}
