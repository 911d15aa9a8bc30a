package sparkmlflow.artifacts;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import sparkmlflow.MlflowException;

/**
 * Moves files, a few at a time.
 *
 * @param threads how many travel at once
 * @param what for a message, such as {@code the files of run 7}
 */
public record Transfers(int threads, String what) {

  /**
   * Does the work for each file; the first failure, in the files' order, is thrown and what has not
   * begun by then is left.
   */
  public <T> void each(List<T> files, Consumer<T> work) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.min(threads, files.size()),
            task -> {
              Thread thread = new Thread(task, "mlflow-transfer");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Future<?>> transfers = new ArrayList<>();
      for (T file : files) {
        transfers.add(pool.submit(() -> work.accept(file)));
      }
      for (Future<?> transfer : transfers) {
        transfer.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MlflowException failure) {
        throw failure;
      }
      throw new IllegalStateException("a transfer failed in an unforeseen way", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MlflowException.refused("move " + what, "the thread was interrupted.", e);
    } finally {
      pool.shutdownNow();
    }
  }
}
