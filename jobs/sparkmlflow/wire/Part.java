package sparkmlflow.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a file that is uploaded in several.
 *
 * @param number from 1
 * @param from the first byte
 * @param length in bytes
 */
public record Part(int number, long from, long length) {

  /** Splits a file into parts of one size; the last may be smaller. */
  public static List<Part> of(long fileSize, long partSize) {
    List<Part> parts = new ArrayList<>();
    for (long from = 0; from < fileSize; from += partSize) {
      parts.add(new Part(parts.size() + 1, from, Math.min(partSize, fileSize - from)));
    }
    return parts;
  }
}
