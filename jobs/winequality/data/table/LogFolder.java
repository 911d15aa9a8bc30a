package winequality.data.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import winequality.data.DataRefusedException;

/**
 * The folder of a Delta table's log. Reading its small files takes no Spark job.
 *
 * <p>The formats are those of Delta's protocol (PROTOCOL.md: "Delta Log Entries", "Commit
 * Provenance Information", "Version Checksum File").
 */
record LogFolder(FileSystem files, Path folder) {

  private static final int DIGITS = 20;
  private static final Pattern COMMIT = Pattern.compile("\\d{" + DIGITS + "}\\.json");
  private static final Pattern VERSION =
      Pattern.compile("\\d{" + DIGITS + "}\\.(json|checkpoint.*)");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whether a commit or a checkpoint is there; a first write that was cut off has none. */
  boolean hasVersion() throws IOException {
    try {
      return Arrays.stream(files.listStatus(folder))
          .anyMatch(file -> VERSION.matcher(file.getPath().getName()).matches());
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** The newest commit, by the names of the files. */
  DeltaLocation.Newest newest() throws IOException {
    return list()
        .map(
            file ->
                new DeltaLocation.Newest(
                    version(file), Instant.ofEpochMilli(file.getModificationTime())))
        .max(Comparator.comparingLong(DeltaLocation.Newest::version))
        .orElseThrow(() -> new IOException("no commit in " + folder));
  }

  private Stream<FileStatus> list() throws IOException {
    return Arrays.stream(files.listStatus(folder))
        .filter(file -> COMMIT.matcher(file.getPath().getName()).matches());
  }

  private static long version(FileStatus commit) {
    return Long.parseLong(commit.getPath().getName().substring(0, DIGITS));
  }

  /** The checksum file of the newest version; missing without one, as not every writer makes it. */
  private JsonNode sum(long version) throws IOException {
    requireAll();
    return line(version, "crc", "metadata");
  }

  /** The table's columns, by the checksum file of the newest version. */
  Optional<StructType> schema() throws IOException {
    JsonNode schema = sum(newest().version()).path("metadata").path("schemaString");
    return schema.isTextual()
        ? Optional.of((StructType) DataType.fromJson(schema.asText()))
        : Optional.empty();
  }

  /** The files of a version, if its commit added all of them, as one that replaces all rows. */
  Optional<List<String>> files(long version) throws IOException {
    JsonNode sum = sum(version);
    List<String> added =
        lines(version, "json", "add", Long.MAX_VALUE).stream()
            .map(action -> URI.create(action.path("add").path("path").asText()))
            .map(path -> new Path(folder.getParent(), new Path(path)).toString())
            .toList();
    return Optional.of(added)
        .filter(all -> sum.has("numFiles") && sum.path("numFiles").asLong() == all.size());
  }

  /** What the checksum file of the newest version says. */
  Optional<DeltaLocation.Detail> detail() throws IOException {
    JsonNode sum = sum(newest().version());
    JsonNode metadata = sum.path("metadata");
    Map<String, String> properties = new HashMap<>();
    metadata
        .path("configuration")
        .properties()
        .forEach(entry -> properties.put(entry.getKey(), entry.getValue().asText()));
    return metadata.hasNonNull("id") && sum.has("numFiles") && sum.has("tableSizeBytes")
        ? Optional.of(
            new DeltaLocation.Detail(
                metadata.get("id").asText(),
                properties,
                sum.path("numFiles").asLong(),
                sum.path("tableSizeBytes").asLong()))
        : Optional.empty();
  }

  /**
   * The commits up to a version that are still there, newest first, each read when it is asked for.
   *
   * @throws DataRefusedException when the stream comes to a commit that is missing between others,
   *     cut off or not JSON
   */
  Stream<DeltaCommit> commits(long from, int limit) throws IOException {
    requireAll();
    long oldest = list().mapToLong(LogFolder::version).min().orElse(from);
    return LongStream.iterate(from, version -> version >= oldest, version -> version - 1)
        .limit(limit)
        .mapToObj(this::commit);
  }

  /** A catalog may keep the newest commits of a table elsewhere; only Delta finds them. */
  private void requireAll() throws IOException {
    for (FileStatus child : files.listStatus(folder)) {
      if (List.of("_commits", "_staged_commits").contains(child.getPath().getName())
          && files.listStatus(child.getPath()).length > 0) {
        throw new IOException(child.getPath() + " may have newer commits");
      }
    }
  }

  private DeltaCommit commit(long version) {
    try {
      return DeltaCommit.of(version, line(version, "json", "commitInfo").path("commitInfo"));
    } catch (FileNotFoundException | JsonProcessingException | ChecksumException e) {
      throw DamagedTable.brokenLog(
          folder.getParent().toString(),
          "commit %d: %s".formatted(version, DataRefusedException.firstLine(e)),
          e);
    } catch (IOException e) {
      // without the cause, which a writer would take for a failed write
      throw new IllegalStateException(
          "Commit %d in %s could not be read: %s".formatted(version, folder, e));
    }
  }

  /** The JSON lines of a version's file that have a field, up to a number of them. */
  private List<JsonNode> lines(long version, String ending, String field, long limit)
      throws IOException {
    Path file = new Path(folder, "%%0%dd.%%s".formatted(DIGITS).formatted(version, ending));
    List<JsonNode> found = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(files.open(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine();
          line != null && found.size() < limit;
          line = lines.readLine()) {
        JsonNode json = JSON.readTree(line);
        if (json.has(field)) {
          found.add(json);
        }
      }
    }
    return found;
  }

  private JsonNode line(long version, String ending, String field) throws IOException {
    List<JsonNode> first = lines(version, ending, field, 1);
    return first.isEmpty() ? MissingNode.getInstance() : first.get(0);
  }
}
