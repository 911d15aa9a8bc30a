package sparkmlflow.wire;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import sparkmlflow.MlflowException;

/** Files of this machine as the bodies of requests and answers; none is held in memory whole. */
public final class FileBodies {

  private FileBodies() {}

  /** A whole file. */
  static BodyPublisher of(String operation, Path file) {
    try {
      return BodyPublishers.ofFile(file);
    } catch (FileNotFoundException e) {
      throw MlflowException.refused(
          operation, "the local file " + file + " is not there or not readable.", e);
    }
  }

  /**
   * A part of a file, which is read anew each time it is sent.
   *
   * @param length in bytes, more than 0
   */
  public static BodyPublisher part(Path file, long from, long length) {
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(() -> open(file, from, length)), length);
  }

  private static InputStream open(Path file, long from, long length) {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return new InputStream() {
      private long position = from;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int wanted) throws IOException {
        int size = (int) Math.min(wanted, from + length - position);
        if (size <= 0) {
          return wanted == 0 ? 0 : -1;
        }
        int read = channel.read(ByteBuffer.wrap(bytes, offset, size), position);
        position += Math.max(0, read);
        return read;
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  /**
   * Writes the body of an answer of success into a file, which it replaces, and takes any other as
   * text. The file's folders are made at once.
   */
  static BodyHandler<String> into(String operation, Path target) {
    try {
      Files.createDirectories(target.resolve("..").normalize());
    } catch (IOException e) {
      throw MlflowException.refused(
          operation, "the folder of " + target + " cannot be made: " + e, e);
    }
    return head ->
        head.statusCode() / 100 == 2
            ? BodySubscribers.mapping(
                BodySubscribers.ofFile(
                    target,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    // what a broken attempt left may be longer
                    StandardOpenOption.TRUNCATE_EXISTING),
                file -> "")
            : BodyHandlers.ofString(StandardCharsets.UTF_8).apply(head);
  }
}
