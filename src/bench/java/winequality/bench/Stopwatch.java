package winequality.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * Times one peer and appends a line for each run, at once, so that a peer that is stopped later
 * leaves what it has done.
 *
 * <p>The first run is kept apart: it is what a job sees that runs once. Repetitions warm up until
 * ten seconds have gone by; three runs are then measured. A first run of more than a minute is the
 * measurement itself. The peers in R and Python are timed by the same rules.
 *
 * @param peer name in the first column
 * @param rows number of rows, in the second
 * @param times file to be appended to: peer, rows, {@code first} or {@code measured}, seconds, what
 *     the run found
 */
record Stopwatch(String peer, long rows, Path times) {
  private static final double LONG = 60.0;
  private static final double WARM_UP = 10.0;
  private static final int MEASURED = 3;

  void time(Callable<String> run) throws Exception {
    double spent = once("first", run);
    if (spent > LONG) {
      return;
    }
    while (spent < WARM_UP) {
      spent += once("warm-up", run);
    }
    for (int i = 0; i < MEASURED; i++) {
      once("measured", run);
    }
  }

  private double once(String kind, Callable<String> run) throws Exception {
    long started = System.nanoTime();
    String found = run.call();
    double seconds = (System.nanoTime() - started) / 1e9;
    write(kind, seconds, found);
    return seconds;
  }

  void write(String kind, double value, String found) throws IOException {
    Files.writeString(
        times,
        String.format(Locale.ROOT, "%s\t%d\t%s\t%.6f\t%s%n", peer, rows, kind, value, found),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
