package winequality.data.csv;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CodecPool;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.io.compress.Decompressor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.data.PathSpelling;

/**
 * The CSV files behind a path. Opening lists them; {@link #layouts()} reads their headers.
 *
 * @param setting the key of the path, for messages
 * @param files sorted by path
 */
public record CsvSource(
    String setting,
    String text,
    List<CsvFile> files,
    List<ColumnDescription> columns,
    Configuration hadoop) {

  private static final Logger LOG = LoggerFactory.getLogger(CsvSource.class);

  /** In bytes; a longer first line is not a header. */
  private static final int LONGEST_HEADER = 1 << 20;

  public CsvSource {
    files = List.copyOf(files);
    columns = List.copyOf(columns);
  }

  /** Opens {@code data.source}. */
  public static CsvSource open(String path, DatasetDescription dataset, Configuration hadoop) {
    return open("data.source", path, dataset.columns(), hadoop);
  }

  /**
   * Opens a path: a file, a folder or a pattern, with any scheme that Hadoop knows.
   *
   * @throws DataRefusedException if there is no file
   */
  public static CsvSource open(
      String setting, String path, List<ColumnDescription> columns, Configuration hadoop) {
    CsvSource all;
    try {
      Path root = new Path(PathSpelling.hadoop(path, hadoop));
      List<CsvFile> files = list(setting, root.getFileSystem(hadoop), root);
      all = new CsvSource(setting, path, files, columns, hadoop);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(setting, path, e);
    }
    CsvSource data =
        all.files.size() > 1 ? all.with(all.files.stream().filter(all::mayBeData).toList()) : all;
    if (data.files.isEmpty()) {
      throw new DataRefusedException(
          "%s \"%s\" has no readable file. Name a CSV file, or a folder with some."
              .formatted(setting, path));
    }
    return data;
  }

  /**
   * False for an empty file, and for a text such as README.txt beside files that are named .csv.
   */
  private boolean mayBeData(CsvFile file) {
    try {
      boolean data =
          file.length() > 0
              && (isNamedCsv(file)
                  || files.stream().noneMatch(CsvSource::isNamedCsv)
                  || CsvLayout.isOfTable(header(file), columns));
      if (!data) {
        LOG.warn(
            "{} is ignored: it is {}",
            file.path(),
            file.length() == 0
                ? "empty"
                : "not named .csv like others, and its first line has neither a column of the data set nor a number");
      }
      return data;
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(setting, file.path(), e);
    }
  }

  private static boolean isNamedCsv(CsvFile file) {
    return file.path().matches("(?is).*\\.(csv|tsv)(\\.\\w+)?");
  }

  /** Changes when a file is added, removed or changed; made of paths, lengths and times. */
  public String fingerprint() {
    return Fingerprint.of(files.stream().map(CsvFile::toString).collect(Collectors.joining("\n")));
  }

  /** The size of its text; of a compressed file that is unknown, so it counts as very large. */
  public long bytes() {
    CompressionCodecFactory codecs = new CompressionCodecFactory(hadoop);
    return files.stream().anyMatch(file -> codecs.getCodec(new Path(file.path())) != null)
        ? Long.MAX_VALUE
        : files.stream().mapToLong(CsvFile::length).sum();
  }

  /** The same source with some of its files. */
  public CsvSource with(List<CsvFile> some) {
    return new CsvSource(setting, text, some, columns, hadoop);
  }

  /**
   * Reads the first line of each file, which says where it has the columns.
   *
   * @throws DataRefusedException if a file cannot be read, or its header lacks a column
   */
  public Map<CsvFile, CsvLayout> layouts() {
    Map<CsvFile, CsvLayout> layouts = new LinkedHashMap<>();
    for (CsvFile file : files) {
      try {
        layouts.put(file, CsvLayout.of(header(file), columns, file.path()));
      } catch (IOException | IllegalArgumentException e) {
        throw unreadable(setting, file.path(), e);
      }
    }
    return layouts;
  }

  /** Refuses the source if a file was changed or removed since the source was listed. */
  void requireUnchanged() {
    for (CsvFile file : files) {
      try {
        Path path = new Path(file.path());
        CsvFile now = file(path.getFileSystem(hadoop).getFileStatus(path));
        if (!now.equals(file)) {
          throw changed(
              "changed while it was read (%d bytes, now %d)".formatted(file.length(), now.length()),
              file,
              null);
        }
      } catch (IOException e) {
        throw changed(
            "removed while it was read (%s: %s)"
                .formatted(e.getClass().getSimpleName(), e.getMessage()),
            file,
            e);
      }
    }
  }

  private static DataRefusedException changed(
      String what, CsvFile file, @Nullable IOException cause) {
    return new DataRefusedException(
        "%s was %s. The tables are unchanged; run the job again when nothing writes to the source."
            .formatted(file.path(), what),
        cause);
  }

  private static DataRefusedException unreadable(String setting, String path, Exception e) {
    boolean colon = path.indexOf(':', path.lastIndexOf('/')) >= 0;
    return new DataRefusedException(
        "%s \"%s\" cannot be read: %s."
            .formatted(
                setting,
                path,
                colon && e instanceof IllegalArgumentException
                    ? "Hadoop takes no colon in the name of a file here; rename the file"
                    : e.getMessage() + ". Check the path and the rights on it"),
        e);
  }

  private static CsvFile file(FileStatus status) {
    return new CsvFile(status.getPath().toString(), status.getLen(), status.getModificationTime());
  }

  private static List<CsvFile> list(String setting, FileSystem files, Path root)
      throws IOException {
    // a path that exists is not a pattern
    FileStatus[] found =
        files.exists(root) ? new FileStatus[] {files.getFileStatus(root)} : files.globStatus(root);
    if (found == null || found.length == 0) {
      throw new DataRefusedException(
          "%s \"%s\" does not exist (looked for %s). Check the path; a relative one starts from the folder the job runs in."
              .formatted(setting, root, files.makeQualified(root)));
    }
    List<FileStatus> listed = new ArrayList<>();
    for (FileStatus status : found) {
      FileStatus[] children =
          status.isDirectory() ? files.listStatus(status.getPath()) : new FileStatus[] {status};
      for (FileStatus file : children) {
        String name = file.getPath().getName();
        if (file.isDirectory()) {
          LOG.warn(
              "{} is ignored: folders within a folder of CSV files are not read", file.getPath());
        } else if (name.startsWith("_") || name.startsWith(".")) {
          LOG.warn(
              "{} is ignored: Spark reads no file whose name begins with _ or .", file.getPath());
        } else {
          listed.add(file);
        }
      }
    }
    return listed.stream().sorted().map(CsvSource::file).toList();
  }

  private String header(CsvFile file) throws IOException {
    Path path = new Path(file.path());
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(path);
    Decompressor decompressor = codec == null ? null : decompressor(codec, file);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (InputStream raw = path.getFileSystem(hadoop).open(path);
        InputStream bytes =
            codec == null
                ? new BufferedInputStream(raw)
                : codec.createInputStream(raw, decompressor)) {
      int next = bytes.read();
      while (next >= 0 && next != '\n' && next != '\r' && line.size() <= LONGEST_HEADER) {
        line.write(next);
        next = bytes.read();
      }
      FirstBytes.requireText(line.toByteArray(), file.path());
      if (line.size() > LONGEST_HEADER) {
        throw new DataRefusedException(
            "The first line of %s is longer than %d bytes, so it is not the header of a CSV file."
                .formatted(file.path(), LONGEST_HEADER));
      }
      int after = next == '\r' ? bytes.read() : -1;
      if (after >= 0 && after != '\n') {
        throw new DataRefusedException(
            "The header of %s ends with a carriage return alone, as from old spreadsheets on a Mac, so the rest of the file would count as one line. Save the file with line feeds (\\n or \\r\\n)."
                .formatted(file.path()));
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

  private static @Nullable Decompressor decompressor(CompressionCodec codec, CsvFile file) {
    try {
      return CodecPool.getDecompressor(codec);
    } catch (RuntimeException | UnsatisfiedLinkError e) {
      throw new DataRefusedException(
          "%s cannot be unpacked: Hadoop needs a native library for %s and has none here (%s). Unpack the file, or pack it with gzip as .gz."
              .formatted(file.path(), codec.getDefaultExtension(), e.getMessage()),
          e);
    }
  }
}
