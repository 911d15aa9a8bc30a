package winequality.data.csv;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CodecPool;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.io.compress.Decompressor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;

/**
 * The CSV files behind a path: listed when it is opened, their headers read when they are asked
 * for.
 */
public final class CsvSource {

  private static final Logger LOG = LoggerFactory.getLogger(CsvSource.class);

  /** A header longer than this is no header. */
  private static final int LONGEST_HEADER = 1 << 20;

  private final String setting;
  private final String text;
  private final List<CsvFile> files;
  private final List<ColumnDescription> columns;
  private final Configuration hadoop;

  private CsvSource(
      String setting,
      String text,
      List<CsvFile> files,
      List<ColumnDescription> columns,
      Configuration hadoop) {
    this.setting = setting;
    this.text = text;
    this.files = List.copyOf(files);
    this.columns = List.copyOf(columns);
    this.hadoop = hadoop;
  }

  /** Opens {@code data.source}. */
  public static CsvSource open(String path, DatasetDescription dataset, Configuration hadoop) {
    return open("data.source", path, dataset.columns(), hadoop);
  }

  /**
   * Opens a path: a file, a folder or a pattern, with any scheme that Hadoop knows.
   *
   * @param setting that names the path, for messages
   * @param columns that are needed
   * @throws DataRefusedException if there is no file
   */
  public static CsvSource open(
      String setting, String path, List<ColumnDescription> columns, Configuration hadoop) {
    List<CsvFile> files;
    try {
      Path root = new Path(PathSpelling.hadoop(path, hadoop));
      FileSystem system = root.getFileSystem(hadoop);
      files = Arrays.stream(list(setting, system, root)).map(CsvSource::file).toList();
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw unreadable(setting, path, e);
    }
    if (files.isEmpty()) {
      throw new DataRefusedException(
          "%s \"%s\" holds no file that can be read. Give a CSV file or a folder with some."
              .formatted(setting, path));
    }
    return new CsvSource(setting, path, files, columns, hadoop);
  }

  String setting() {
    return setting;
  }

  List<ColumnDescription> columns() {
    return columns;
  }

  /** The path as it was given. */
  public String text() {
    return text;
  }

  /** The files, in the order of their names. */
  public List<CsvFile> files() {
    return files;
  }

  /**
   * A name for which files there are and how they look from outside (path, length, time), without
   * reading them: while it is the same, so are they.
   */
  public String fingerprint() {
    return Fingerprint.of(files.stream().map(CsvFile::toString).collect(Collectors.joining("\n")));
  }

  /** The same source with some of its files. */
  public CsvSource with(List<CsvFile> some) {
    return new CsvSource(setting, text, some, columns, hadoop);
  }

  /**
   * Reads the first line of each file.
   *
   * @return where the columns stand, by file
   * @throws DataRefusedException if one cannot be read, or its header lacks a column
   */
  public Map<CsvFile, CsvLayout> layouts() {
    Map<CsvFile, CsvLayout> layouts = new LinkedHashMap<>();
    for (CsvFile file : files) {
      try {
        layouts.put(file, CsvLayout.of(header(file), columns, file.path()));
      } catch (IOException e) {
        throw unreadable(setting, file.path(), e);
      }
    }
    return layouts;
  }

  /**
   * Looks whether all files are still as they were when the source was listed.
   *
   * @throws DataRefusedException if one is not
   */
  void requireUnchanged() {
    for (CsvFile file : files) {
      try {
        Path path = new Path(file.path());
        CsvFile now = file(path.getFileSystem(hadoop).getFileStatus(path));
        if (!now.equals(file)) {
          throw changed(
              "%s was changed while it was read (%d bytes, now %d)"
                  .formatted(file.path(), file.length(), now.length()));
        }
      } catch (IOException e) {
        throw new DataRefusedException(
            "%s was removed while it was read (%s: %s). The tables are as they were; run the job again when the source rests."
                .formatted(file.path(), e.getClass().getSimpleName(), e.getMessage()),
            e);
      }
    }
  }

  static DataRefusedException changed(String what) {
    return new DataRefusedException(
        what + ". The tables are as they were; run the job again when the source rests.");
  }

  private static DataRefusedException unreadable(String setting, String path, Exception e) {
    return new DataRefusedException(
        "%s \"%s\" cannot be read: %s. Check the path and the rights on it."
            .formatted(setting, path, e.getMessage()),
        e);
  }

  private static CsvFile file(FileStatus status) {
    return new CsvFile(status.getPath().toString(), status.getLen(), status.getModificationTime());
  }

  private static FileStatus[] list(String setting, FileSystem files, Path root) throws IOException {
    // a name that exists is meant as it is; only then is it a pattern
    FileStatus[] found =
        files.exists(root) ? new FileStatus[] {files.getFileStatus(root)} : files.globStatus(root);
    if (found == null || found.length == 0) {
      throw new DataRefusedException(
          "%s \"%s\" does not exist (looked for %s). Check the path; a relative one starts from the folder the job runs in."
              .formatted(setting, root, files.makeQualified(root)));
    }
    return Arrays.stream(found)
        .flatMap(
            status ->
                status.isDirectory()
                    ? children(files, status)
                    : Arrays.stream(new FileStatus[] {status}))
        .filter(CsvSource::seenBySpark)
        .sorted()
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
              "{} is left out: folders below a folder of CSV files are not looked into",
              child.getPath());
        }
      }
      return Arrays.stream(all).filter(FileStatus::isFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String header(CsvFile file) throws IOException {
    Path path = new Path(file.path());
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(path);
    Decompressor decompressor = codec == null ? null : CodecPool.getDecompressor(codec);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (InputStream raw = path.getFileSystem(hadoop).open(path);
        InputStream bytes =
            codec == null
                ? new BufferedInputStream(raw)
                : codec.createInputStream(raw, decompressor)) {
      int next = bytes.read();
      for (; next >= 0 && next != '\n' && next != '\r'; next = bytes.read()) {
        line.write(next);
        if (line.size() > LONGEST_HEADER) {
          throw new DataRefusedException(
              "The first line of %s is longer than %d bytes, so it is no header of a CSV file."
                  .formatted(file.path(), LONGEST_HEADER));
        }
      }
      if (next == '\r') {
        int after = bytes.read();
        if (after >= 0 && after != '\n') {
          throw new DataRefusedException(
              "The header of %s ends with a carriage return alone, as old spreadsheets on a Mac write it, and all that follows would count as one line. Save the file with line feeds (\\n or \\r\\n)."
                  .formatted(file.path()));
        }
      }
    } finally {
      CodecPool.returnDecompressor(decompressor);
    }
    if (line.size() == 0) {
      throw new DataRefusedException(
          "%s has no header: it is empty or begins with an empty line. The first line must name the columns."
              .formatted(file.path()));
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
