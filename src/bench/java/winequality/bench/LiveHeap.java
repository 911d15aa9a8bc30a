package winequality.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures what a run really holds on the heap: the most that was left by a full collection, with
 * one collection after the other while it runs.
 */
final class LiveHeap {
  private static final int RUNS = 5;

  private LiveHeap() {}

  static void measure(Stopwatch stopwatch, Callable<String> run) throws Exception {
    run.call();
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    long before = memory.getHeapMemoryUsage().getUsed();
    AtomicLong most = new AtomicLong();
    AtomicLong collections = new AtomicLong();
    AtomicBoolean running = new AtomicBoolean(true);
    Thread collector =
        new Thread(
            () -> {
              while (running.get()) {
                memory.gc();
                most.accumulateAndGet(memory.getHeapMemoryUsage().getUsed(), Math::max);
                collections.incrementAndGet();
              }
            });
    collector.start();
    try {
      for (int i = 0; i < RUNS; i++) {
        run.call();
      }
    } finally {
      running.set(false);
      collector.join();
    }
    double mebibyte = 1 << 20;
    stopwatch.write(
        "live-heap",
        most.get() / mebibyte,
        String.format(
            Locale.ROOT,
            "MiB, %.1f before, most after %d collections in %d runs, largest heap %.0f",
            before / mebibyte,
            collections.get(),
            RUNS,
            memory.getHeapMemoryUsage().getMax() / mebibyte));
  }
}
