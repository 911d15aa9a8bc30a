package winequality.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what a run really holds on the heap: the most that was left by a full collection, with
 * one collection after the other while it runs. It is the driver's heap alone where the executors
 * are processes of their own, and driver and tasks together in local mode.
 */
final class LiveHeap {
  /** Between two collections, so that the run gets on. */
  private static final long PAUSE_MILLIS = 50;

  private LiveHeap() {}

  /** Says it in a sentence. */
  static String of(Callable<String> run) throws Exception {
    run.call();
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    long before = memory.getHeapMemoryUsage().getUsed();
    AtomicLong most = new AtomicLong();
    AtomicInteger collections = new AtomicInteger();
    AtomicBoolean running = new AtomicBoolean(true);
    Thread collector =
        new Thread(
            () -> {
              while (running.get()) {
                memory.gc();
                most.accumulateAndGet(memory.getHeapMemoryUsage().getUsed(), Math::max);
                collections.incrementAndGet();
                LockSupport.parkNanos(PAUSE_MILLIS * 1_000_000);
              }
            });
    collector.start();
    try {
      run.call();
    } finally {
      running.set(false);
      collector.join();
    }
    double mebibyte = 1 << 20;
    return String.format(
        Locale.ROOT,
        "%.1f MiB (%.1f before), the most that one of %d full collections left; largest heap %.0f MiB",
        most.get() / mebibyte,
        before / mebibyte,
        collections.get(),
        memory.getHeapMemoryUsage().getMax() / mebibyte);
  }
}
