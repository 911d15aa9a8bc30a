package testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Damaged inputs for a reader, made of good ones. The good ones, and those that a reader once took
 * badly, are the files in {@code src/test/resources/fuzz}, in a folder for each reader.
 *
 * <p>A property without {@code tries} tries a thousand; {@code -Djqwik.tries.default=1000000} tries
 * for minutes.
 */
public final class Mutations {

  private static final Path CORPUS = Path.of("src/test/resources/fuzz");

  private Mutations() {}

  /** What to do at a place, which is a share of the length. */
  private record Damage(
      int kind, double place, int size, byte value, String words, List<byte[]> others) {

    byte[] to(byte[] bytes) {
      int at = (int) (place * bytes.length);
      int end = Math.min(bytes.length, at + size);
      byte[] word = words.getBytes(UTF_8);
      byte[] other = others.get(size % others.size());
      byte[] cut = Arrays.copyOfRange(bytes, at, end);
      return switch (kind) {
        case 0 -> joined(bytes, at, new byte[] {value}, Math.min(bytes.length, at + 1));
        case 1 -> joined(bytes, at, new byte[] {value}, at);
        case 2 -> joined(bytes, at, new byte[0], end);
        case 3 -> joined(bytes, at, cut, at);
        case 4 -> joined(bytes, at, word, at);
        case 5 -> joined(bytes, at, word, end);
        case 6 -> joined(bytes, at, repeated(word, 10 * size), at);
        case 7 -> joined(bytes, at, repeated(cut, 10), at);
        case 8 -> Arrays.copyOf(bytes, at);
        default ->
            joined(
                bytes,
                at,
                Arrays.copyOfRange(other, (int) (place * other.length), other.length),
                bytes.length);
      };
    }

    private static byte[] repeated(byte[] word, int times) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < times; i++) {
        all.writeBytes(word);
      }
      return all.toByteArray();
    }

    private static byte[] joined(byte[] bytes, int before, byte[] between, int after) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.write(bytes, 0, before);
      all.writeBytes(between);
      all.write(bytes, after, bytes.length - after);
      return all.toByteArray();
    }
  }

  /**
   * Gives inputs with one to six damages.
   *
   * @param words what the format gives a meaning
   */
  public static Arbitrary<byte[]> of(List<byte[]> seeds, List<String> words) {
    Arbitrary<Damage> damage =
        Combinators.combine(
                Arbitraries.integers().between(0, 9),
                Arbitraries.doubles().between(0, 1),
                Arbitraries.integers().between(1, 300),
                Arbitraries.bytes(),
                Arbitraries.of(words),
                Arbitraries.just(seeds))
            .as(Damage::new);
    return Combinators.combine(Arbitraries.of(seeds), damage.list().ofMinSize(1).ofMaxSize(6))
        .as(
            (seed, all) -> {
              byte[] bytes = seed;
              for (Damage one : all) {
                bytes = one.to(bytes);
              }
              return bytes;
            })
        .withoutEdgeCases();
  }

  /** The files of a folder of the corpus. */
  public static List<byte[]> corpus(String folder) {
    try (Stream<Path> files = Files.list(CORPUS.resolve(folder))) {
      return files.sorted().map(Mutations::bytes).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
