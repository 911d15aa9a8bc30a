package winequality.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CSV files behind a path, each with the layout that its header gives.
 *
 * <p>Opening lists the files and reads the first line of each; no more is read here.
 *
 * @param layouts by file, under the text of its Hadoop path
 */
public record CsvSource(Map<String, CsvLayout> layouts) {

  private static final Logger LOG = LoggerFactory.getLogger(CsvSource.class);

  /** A header longer than this is no header. */
  private static final int LONGEST_HEADER = 1 << 20;

  public CsvSource {
    layouts = new LinkedHashMap<>(layouts);
  }

  /**
   * Opens a path: a file, a folder or a pattern, with any scheme that Hadoop knows.
   *
   * @throws DataRefusedException if there is no file, one cannot be read, or its header lacks a
   *     column
   */
  public static CsvSource open(String path, DatasetDescription dataset, Configuration hadoop) {
    Map<String, CsvLayout> layouts = new LinkedHashMap<>();
    try {
      Path root = new Path(path);
      FileSystem files = root.getFileSystem(hadoop);
      for (FileStatus file : list(files, root)) {
        String name = file.getPath().toString();
        layouts.put(name, CsvLayout.of(header(files, file.getPath(), hadoop), dataset, name));
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw new DataRefusedException(
          "data.source \"%s\" cannot be read: %s. Check the path and the rights on it."
              .formatted(path, e.getMessage()),
          e);
    }
    if (layouts.isEmpty()) {
      throw new DataRefusedException(
          "data.source \"%s\" holds no file that can be read. Give a CSV file or a folder with some."
              .formatted(path));
    }
    return new CsvSource(layouts);
  }

  private static FileStatus[] list(FileSystem files, Path root) throws IOException {
    // a name that exists is meant as it is; only then is it a pattern
    FileStatus[] found =
        files.exists(root) ? new FileStatus[] {files.getFileStatus(root)} : files.globStatus(root);
    if (found == null || found.length == 0) {
      throw new DataRefusedException(
          "data.source \"%s\" does not exist (looked for %s). Check the path; a relative one starts from the folder the job runs in."
              .formatted(root, files.makeQualified(root)));
    }
    return Arrays.stream(found)
        .flatMap(
            status ->
                status.isDirectory()
                    ? children(files, status)
                    : Arrays.stream(new FileStatus[] {status}))
        .filter(CsvSource::seenBySpark)
        .toArray(FileStatus[]::new);
  }

  /** Spark takes such files for its own bookkeeping and reads nothing from them. */
  private static boolean seenBySpark(FileStatus file) {
    String name = file.getPath().getName();
    boolean hidden = name.startsWith("_") || name.startsWith(".");
    if (hidden) {
      LOG.warn("{} is left out: Spark reads no file whose name begins with _ or .", file.getPath());
    }
    return !hidden;
  }

  private static Stream<FileStatus> children(FileSystem files, FileStatus folder) {
    try {
      FileStatus[] all = files.listStatus(folder.getPath());
      for (FileStatus child : all) {
        if (child.isDirectory()) {
          LOG.warn(
              "{} is left out: folders below data.source are not looked into", child.getPath());
        }
      }
      return Arrays.stream(all).filter(FileStatus::isFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String header(FileSystem files, Path file, Configuration hadoop)
      throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (InputStream raw = files.open(file);
        InputStream bytes =
            codec == null ? new BufferedInputStream(raw) : codec.createInputStream(raw)) {
      for (int next = bytes.read();
          next >= 0 && next != '\n' && next != '\r';
          next = bytes.read()) {
        line.write(next);
        if (line.size() > LONGEST_HEADER) {
          throw new DataRefusedException(
              "The first line of %s is longer than %d bytes, so it is no header of a CSV file."
                  .formatted(file, LONGEST_HEADER));
        }
      }
    }
    if (line.size() == 0) {
      throw new DataRefusedException(
          "%s has no header: it is empty or begins with an empty line. The first line must name the columns."
              .formatted(file));
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
