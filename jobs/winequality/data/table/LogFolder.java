package winequality.data.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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

  /** What the checksum file of the newest version says; not every writer makes one. */
  Optional<DeltaLocation.Detail> detail() throws IOException {
    requireAll();
    JsonNode sum = first(newest().version(), "crc", "metadata").orElse(MissingNode.getInstance());
    JsonNode metadata = sum.path("metadata");
    Map<String, String> properties = new HashMap<>();
    metadata
        .path("configuration")
        .fields()
        .forEachRemaining(entry -> properties.put(entry.getKey(), entry.getValue().asText()));
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
   * @throws DataRefusedException when the stream comes to a commit that is missing before others,
   *     cut off or no JSON
   */
  Stream<DeltaCommit> commits(long from, int limit) throws IOException {
    requireAll();
    long oldest = list().mapToLong(LogFolder::version).min().orElse(from);
    return LongStream.iterate(from, version -> version >= oldest, version -> version - 1)
        .limit(limit)
        .mapToObj(this::commit);
  }

  /** Of some tables a catalog keeps the newest commits elsewhere, and only Delta finds them. */
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
      JsonNode info = first(version, "json", "commitInfo").orElse(MissingNode.getInstance());
      return DeltaCommit.of(version, info.path("commitInfo"));
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

  /** The first JSON line of a version's file that has a field. */
  private Optional<JsonNode> first(long version, String ending, String field) throws IOException {
    Path file = new Path(folder, "%%0%dd.%%s".formatted(DIGITS).formatted(version, ending));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(files.open(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode json = JSON.readTree(line);
        if (json.has(field)) {
          return Optional.of(json);
        }
      }
    }
    return Optional.empty();
  }
}
