package sparkmlflow.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.model.StoredModel;
import sparkmlflow.wire.RestCalls;

/**
 * A run in the {@link Outbox}, checked and locked against other publications until it is closed.
 */
public final class KeptRun implements AutoCloseable {

  /**
   * The version to register.
   *
   * @param description Markdown
   */
  public record Version(String modelName, String description, Map<String, String> tags) {

    ObjectNode json() {
      ObjectNode json =
          RestCalls.JSON.createObjectNode().put("model", modelName).put("description", description);
      json.set("tags", RestCalls.JSON.valueToTree(tags));
      return json;
    }

    private static Version of(JsonNode json) {
      Map<String, String> tags = new LinkedHashMap<>();
      json.required("tags")
          .properties()
          .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
      return new Version(
          json.required("model").asText(), json.required("description").asText(), tags);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(KeptRun.class);

  private final Path folder;
  private final FileChannel lock;
  private final JsonNode facts;

  private KeptRun(Path folder, FileChannel lock, JsonNode facts) {
    this.folder = folder;
    this.lock = lock;
    this.facts = facts;
  }

  /**
   * Opens a folder of the outbox.
   *
   * @throws DamagedFilesException if a file is missing, changed or foreign
   * @throws MlflowException if another publication works on it
   */
  public static KeptRun open(Path folder) {
    String operation = "publish " + folder;
    try {
      return opened(folder, operation);
    } catch (IOException e) {
      throw unreadable(operation, e);
    } catch (UncheckedIOException e) {
      throw unreadable(operation, e.getCause());
    }
  }

  private static KeptRun opened(Path folder, String operation) throws IOException {
    requireWhole(folder, operation);
    // the sums are not read again: to close a second handle of a file would end the lock
    FileChannel lock = FileChannel.open(folder.resolve(Outbox.SUMS), StandardOpenOption.WRITE);
    try {
      if (isTaken(lock, folder)) {
        throw MlflowException.refused(
            operation, "Another publication of it is running; wait until that ends.");
      }
      KeptRun kept =
          new KeptRun(folder, lock, RestCalls.JSON.readTree(folder.resolve(Outbox.RUN).toFile()));
      kept.requireReadable(operation);
      return kept;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Reads everything once, so that a publication does not stop in the middle. */
  private void requireReadable(String operation) {
    int format = facts.path("format").asInt();
    if (format != Outbox.FORMAT) {
      throw MlflowException.refused(
          operation,
          "it has the format %d, and this release reads %d. Publish it with the release that kept it."
              .formatted(format, Outbox.FORMAT));
    }
    try {
      Object unused = List.of(runId(), url(), version(), model(), notes());
    } catch (UncheckedIOException | IllegalArgumentException | ClassCastException e) {
      throw new DamagedFilesException(
          operation,
          "its %s or %s cannot be understood: %s. If nobody can restore them, delete the folder and train again."
              .formatted(Outbox.RUN, Outbox.NOTES, e.getMessage()),
          e);
    }
  }

  private static MlflowException unreadable(String operation, @Nullable IOException e) {
    if (e instanceof NoSuchFileException) {
      return MlflowException.refused(
          operation, "It was published or deleted meanwhile (" + e.getMessage() + ").", e);
    }
    if (e instanceof FileSystemException) {
      return MlflowException.refused(
          operation,
          "A publication must read and write this folder, but cannot (%s). Check its permissions, or copy it to a disk that can be written."
              .formatted(e),
          e);
    }
    return new DamagedFilesException(operation, "a file cannot be read: " + e + ".", e);
  }

  /** The lock ends with the process, also if that is killed. */
  private static boolean isTaken(FileChannel file, Path folder) {
    try {
      FileLock lock = file.tryLock();
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      LOG.warn(
          "{} is on a file system without locks ({}); let only one publication run at a time.",
          folder,
          e.getMessage());
      return false;
    }
  }

  private static void requireWhole(Path folder, String operation) throws IOException {
    TreeSet<String> different = new TreeSet<>(Files.readAllLines(folder.resolve(Outbox.SUMS)));
    List<String> found = Outbox.sums(folder).lines().toList();
    for (String line : found) {
      // what is in one of both only
      if (!different.remove(line)) {
        different.add(line);
      }
    }
    if (!different.isEmpty()) {
      List<String> names =
          different.stream()
              .map(line -> line.replaceFirst("^\\w+ +", ""))
              .distinct()
              .sorted()
              .toList();
      throw new DamagedFilesException(
          operation,
          "missing, changed or foreign files: %s. `sha256sum -c SHA256SUMS` shows the first two kinds. Restore them, or delete the folder and train again."
              .formatted(VerifiedFolder.named(names)));
    }
  }

  public Path folder() {
    return folder;
  }

  public String runId() {
    return facts.required("run_id").asText();
  }

  /** The workspace of the run's server; empty if it has none. */
  String workspace() {
    return facts.path("workspace").asText();
  }

  /** The run's page. */
  public String url() {
    return facts.required("url").asText();
  }

  /** Empty if the job registered none. */
  public Optional<Version> version() {
    return Optional.ofNullable(facts.get("version")).map(Version::of);
  }

  /** A text among the run's files. */
  public Optional<String> text(String artifactPath) {
    Path file = artifacts().resolve(artifactPath);
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The model's folder. */
  public ModelFolder model() {
    String path = facts.required("model").asText();
    Path model = artifacts().resolve(path);
    return StoredModel.read(model).folder(path, LocalFiles.at(model).paths());
  }

  List<Note> notes() {
    List<Note> notes = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(folder.resolve(Outbox.NOTES))) {
        notes.add(Note.of(RestCalls.JSON.readTree(line), artifacts()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + e.getMessage(), e);
    }
    return notes;
  }

  private Path artifacts() {
    return folder.resolve(Outbox.ARTIFACTS);
  }

  /** Deletes the folder. One that is left half deleted counts as incomplete. */
  public void delete() {
    try {
      Files.delete(folder.resolve(Outbox.SUMS));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the run is published, but %s cannot be deleted; delete it by hand".formatted(folder), e);
    }
    FileUtil.fullyDelete(folder.toFile());
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close a file of the outbox", e);
    }
  }
}
