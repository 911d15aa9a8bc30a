package sparkmlflow.wire;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.LongStream;
import sparkmlflow.MlflowException;

/** Streams local files as the bodies of requests and answers. */
public final class FileBodies {

  private static final long CHUNK = 1L << 20;

  private FileBodies() {}

  static BodyPublisher of(String operation, Path file) {
    try {
      return BodyPublishers.ofFile(file);
    } catch (FileNotFoundException e) {
      throw MlflowException.refused(
          operation, "the local file " + file + " does not exist or is not readable.", e);
    }
  }

  /** Bytes of a file, at least one, which are read again for each attempt. */
  public static BodyPublisher part(Path file, long from, long length) {
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofByteArrays(
            () ->
                LongStream.iterate(from, at -> at < from + length, at -> at + CHUNK)
                    .mapToObj(at -> read(file, at, Math.min(CHUNK, from + length - at)))
                    .iterator()),
        length);
  }

  private static byte[] read(Path file, long from, long length) {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) length];
      in.seek(from);
      in.readFully(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The body of a successful answer becomes the file, whose folders are created. */
  static BodyHandler<String> into(String operation, Path target) {
    try {
      Files.createDirectories(target.resolve("..").normalize());
    } catch (IOException e) {
      throw MlflowException.refused(
          operation, "the folder of " + target + " cannot be created: " + e, e);
    }
    return head ->
        head.statusCode() / 100 == 2
            ? BodySubscribers.mapping(
                BodySubscribers.ofFile(
                    target,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    // the rest of a broken attempt may be longer
                    StandardOpenOption.TRUNCATE_EXISTING),
                file -> "")
            : BodyHandlers.ofString(StandardCharsets.UTF_8).apply(head);
  }
}
