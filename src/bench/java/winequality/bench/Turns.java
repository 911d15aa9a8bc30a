package winequality.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Times contestants in turns, so that whatever else the machine does falls on all of them alike.
 * {@code turns.py} and {@code glmnet.R} have the same rules.
 *
 * <p>The first round is what a job sees that runs once; if it takes a minute for each contestant,
 * it is the measurement. Then rounds warm up for some seconds, and the others are measured. Every
 * other round goes backwards, so that none always comes second. A short run is repeated, because
 * clocks are coarse. A line for each run is appended at once, so that a process that is stopped
 * leaves what it has done: case, contestant, {@code first}, {@code measured} or the name of another
 * figure, value, what the run found. Processor time has the compiler and the garbage collector in
 * it, and other processes disturb it less.
 */
final class Turns {
  private static final double LONG = 60.0;
  private static final double SHORT = 0.2;

  private final Path times = Path.of(System.getenv("BENCH_TIMES"));
  private final int turns = Integer.parseInt(System.getenv("BENCH_TURNS"));
  private final double warmUp = Double.parseDouble(System.getenv("BENCH_WARM_UP"));
  private final com.sun.management.OperatingSystemMXBean system =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final List<MemoryPoolMXBean> heap =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .toList();
  private final String caseName;
  private final Callable<?> afterEach;

  /** The case is the first cell of each line; {@code afterEach} is not timed. */
  Turns(String caseName, Callable<?> afterEach) {
    this.caseName = caseName;
    this.afterEach = afterEach;
  }

  /** One way of doing the work; its run says what it found. */
  record Contestant(String name, Callable<String> run) {}

  void take(Contestant... contestants) throws Exception {
    List<Contestant> order = new ArrayList<>(List.of(contestants));
    Map<String, Double> last = new HashMap<>();
    double spent = round("first", order, last);
    if (spent > LONG * order.size()) {
      return;
    }
    while (spent < warmUp) {
      spent += round("warm-up", order, last);
    }
    for (int turn = 0; turn < turns; turn++) {
      round("measured", order, last);
    }
  }

  private double round(String kind, List<Contestant> order, Map<String, Double> last)
      throws Exception {
    double spent = 0.0;
    for (Contestant contestant : order) {
      String name = contestant.name();
      int repeats = Math.max(1, (int) (SHORT / last.getOrDefault(name, SHORT)));
      System.gc();
      heap.forEach(MemoryPoolMXBean::resetPeakUsage);
      long processor = system.getProcessCpuTime();
      long start = System.nanoTime();
      String found = "";
      for (int i = 0; i < repeats; i++) {
        found = contestant.run().call();
      }
      double took = (System.nanoTime() - start) / 1e9;
      last.put(name, took / repeats);
      spent += took;
      write(name, kind, took / repeats, found);
      if (kind.equals("measured")) {
        write(name, "processor s", (system.getProcessCpuTime() - processor) / 1e9 / repeats, "");
        long peak = heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        write(name, "heap MiB", peak >> 20, "");
      }
      afterEach.call();
    }
    Collections.reverse(order);
    return spent;
  }

  void write(String contestant, String kind, double value, String found) throws IOException {
    Files.writeString(
        times,
        String.format(
            Locale.ROOT, "%s\t%s\t%s\t%.9g\t%s%n", caseName, contestant, kind, value, found),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
