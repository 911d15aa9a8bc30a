package sparkmlflow.databricks.storage;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.wire.FileBodies;

/**
 * File sizes, in bytes, from which uploads are split into parts.
 *
 * @param part size of one part; larger if a file would otherwise have too many parts
 * @param presignedFrom a file larger than this goes to S3 in parts
 * @param filesApiFrom a file of at least this size goes through the Files API in parts
 * @param filesApiWhole the largest file that the Files API takes in one request
 */
public record PartSizes(long part, long presignedFrom, long filesApiFrom, long filesApiWhole) {

  private static final long MIB = 1024L * 1024L;

  /**
   * MLflow 3.17.2's defaults ({@code MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE}, {@code
   * MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE}), Databricks' Python SDK 0.156 ({@code
   * files_ext_multipart_upload_min_stream_size}) and MLflow's limit of 5 GiB for the Files API.
   */
  public static PartSizes ofMlflow() {
    return new PartSizes(10 * MIB, 500 * MIB, 50 * MIB, 5 * 1024 * MIB);
  }

  /** A part of a file: its number, from 1, its first byte and its length in bytes. */
  public record Part(Path file, int number, long from, long length) {

    public BodyPublisher body() {
      return FileBodies.part(file, from, length);
    }
  }

  /** Splits a file into at most that many parts of one size; the last may be smaller. */
  public List<Part> split(LocalFiles.LocalFile file, int most) {
    long size = Math.max(part, (file.size() + most - 1) / most);
    List<Part> parts = new ArrayList<>();
    for (long from = 0; from < file.size(); from += size) {
      long length = Math.min(size, file.size() - from);
      parts.add(new Part(file.file(), parts.size() + 1, from, length));
    }
    return parts;
  }
}
