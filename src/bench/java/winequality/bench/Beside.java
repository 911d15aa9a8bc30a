package winequality.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/**
 * Times two runs in turns, so that whatever else the machine does falls on both alike.
 *
 * <p>Besides the seconds it takes the processor time of the process, compiler and garbage collector
 * included, which other processes disturb less.
 */
final class Beside {
  private static final double WARM_UP = 15.0;
  private static final int MEASURED = 11;

  private final com.sun.management.OperatingSystemMXBean system =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** Appends {@code measured} and {@code processor} lines for both. */
  void time(Stopwatch one, Callable<String> first, Stopwatch other, Callable<String> second)
      throws Exception {
    double spent = 0.0;
    while (spent < WARM_UP) {
      spent += seconds(first) + seconds(second);
    }
    for (int i = 0; i < MEASURED; i++) {
      measure(one, first);
      measure(other, second);
    }
  }

  private static double seconds(Callable<String> run) throws Exception {
    long started = System.nanoTime();
    run.call();
    return (System.nanoTime() - started) / 1e9;
  }

  private void measure(Stopwatch stopwatch, Callable<String> run) throws Exception {
    long started = System.nanoTime();
    long processor = system.getProcessCpuTime();
    String found = run.call();
    stopwatch.write("measured", (System.nanoTime() - started) / 1e9, found);
    stopwatch.write("processor", (system.getProcessCpuTime() - processor) / 1e9, found);
  }
}
