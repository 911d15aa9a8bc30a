package sparkmlflow.artifacts;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import sparkmlflow.MlflowException;

/** Transfers so many files at once; {@code what} names them, such as {@code the files of run 7}. */
public record Transfers(int threads, String what) {

  /**
   * Does the work for each file. Throws the first failure in the files' order and then skips the
   * files that have not started.
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
      throw new IllegalStateException("a transfer failed unexpectedly", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MlflowException.refused("transfer " + what, "the job was interrupted.", e);
    } finally {
      pool.shutdownNow();
    }
  }
}
