package winequality.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Times one way of filling tables, in folders of their own that are deleted afterwards. */
final class TableTurns {

  private final String name;
  private final Path folder;
  private final Turn work;
  private final List<Double> seconds = new ArrayList<>();
  private long rows;

  /** Fills tables in a folder and says how many rows they have. */
  interface Turn {
    long rows(Path tables) throws Exception;
  }

  TableTurns(String name, Path folder, Turn work) {
    this.name = name;
    this.folder = folder;
    this.work = work;
  }

  /** One turn; turn 0 warms up and is not counted. */
  void take(int turn) throws Exception {
    Path tables = Files.createTempDirectory(folder, "tables");
    System.gc();
    List<MemoryPoolMXBean> heap =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    heap.forEach(MemoryPoolMXBean::resetPeakUsage);
    long start = System.nanoTime();
    rows = work.rows(tables);
    double took = (System.nanoTime() - start) / 1e9;
    long peak = heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    System.err.printf(
        Locale.ROOT, "%s, turn %d: %.2f s, heap at most %d MiB%n", name, turn, took, peak >> 20);
    if (turn > 0) {
      seconds.add(took);
    }
    delete(tables);
  }

  String name() {
    return name;
  }

  long rows() {
    return rows;
  }

  double median() {
    List<Double> sorted = seconds.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
