package sparkmlflow.wire;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sparkmlflow.MlflowException;

/**
 * A signed address that is requested on first use. If the storage answers 401 or 403, it may have
 * expired, so each use requests one fresh address and tries again.
 */
public final class Renewable {

  private final Supplier<SignedUrl> source;
  private @Nullable SignedUrl current;

  public Renewable(Supplier<SignedUrl> source) {
    this.source = source;
  }

  public Renewable(SignedUrl first, Supplier<SignedUrl> source) {
    this.source = source;
    this.current = first;
  }

  /** Returns what {@code use} returns. */
  public <T> T use(Function<SignedUrl, T> use) {
    SignedUrl first = current == null ? source.get() : current;
    current = first;
    try {
      return use.apply(first);
    } catch (MlflowException e) {
      int status = e.status().orElse(0);
      if (status != 401 && status != 403) {
        throw e;
      }
      SignedUrl fresh = source.get();
      current = fresh;
      return use.apply(fresh);
    }
  }
}
