package sparkmlflow.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.tracking.Run;
import sparkmlflow.wire.RestCalls;

/**
 * Keeps finished runs that the server could not take: one folder for each, until it is published.
 *
 * <pre>
 * outbox/20260301T120000Z-RUN_ID/
 *   run.json      the run, why it is kept, the version to register
 *   notes.jsonl   params, metrics, tags, inputs and names of files, in the order of the job
 *   artifacts/    the run's files, with the model's folder
 *   SHA256SUMS    of all these files, for `sha256sum -c`; written last, so that a folder without it
 *                 is known to be incomplete
 * </pre>
 *
 * @param folder on a disk or volume that outlives the job; made when the first run is kept
 * @param publish the command that publishes what is kept here, for messages
 */
public record Outbox(Path folder, String publish) {

  /** The version of what is written; a publication reads no other. */
  static final int FORMAT = 1;

  static final String RUN = "run.json";
  static final String NOTES = "notes.jsonl";
  static final String ARTIFACTS = "artifacts";
  static final String SUMS = "SHA256SUMS";

  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  public Outbox {
    folder = folder.toAbsolutePath().normalize();
  }

  /** What a run has told the server so far, and what it is about to register. */
  static final class Contents {
    private final List<Note> notes = new ArrayList<>();
    private @Nullable ModelFolder model;
    private Optional<KeptRun.Version> version = Optional.empty();
    private boolean complete;

    synchronized void add(Note note) {
      notes.add(note);
    }

    synchronized List<Note> notes() {
      return List.copyOf(notes);
    }

    synchronized void ready(ModelFolder folder, Optional<KeptRun.Version> request) {
      model = folder;
      version = request;
    }

    /** The run cannot be kept. */
    synchronized void spoil() {
      model = null;
    }

    /** Everything up to the model's upload is noted. */
    synchronized void complete() {
      complete = true;
    }

    /** Whether only the server's part of the work is left. */
    synchronized boolean areReady() {
      return model != null;
    }

    /** Whether the run can be kept now. */
    synchronized boolean areWhole() {
      return model != null && complete;
    }
  }

  /** Why no run could be kept here; empty if no reason is found. */
  public Optional<String> problem() {
    if (Files.exists(folder.resolve(RUN))) {
      return Optional.of(
          "%s is a kept run; name the folder that it lies in, %s"
              .formatted(folder, folder.getParent()));
    }
    Path above = folder;
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above == null || !Files.isDirectory(above)) {
      return Optional.of(above + " is not a folder");
    }
    return Files.isWritable(above) && Files.isReadable(above) && Files.isExecutable(above)
        ? Optional.empty()
        : Optional.of(above + " cannot be read and written");
  }

  /** The kept runs, the oldest first. */
  public List<Path> entries() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(folder)) {
      List<Path> whole = new ArrayList<>();
      for (Path entry : folders.filter(Files::isDirectory).sorted().toList()) {
        if (Files.exists(entry.resolve(SUMS))) {
          whole.add(entry);
        } else if (entry.getFileName().toString().matches("\\d{8}T\\d{6}Z-.*")) {
          LOG.warn(
              "{} has no {}: a job is writing or deleting the folder now, or was killed meanwhile. If no job runs, delete it.",
              entry,
              SUMS);
        }
      }
      return whole;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the outbox " + folder, e);
    }
  }

  /** Writes everything to a new folder, which it returns; after a failure there is none. */
  Path keep(Run run, String url, String workspace, Contents contents, Instant now, String reason)
      throws IOException {
    String time = now.toString().replaceAll("[-:]|\\.\\d+", "");
    Path entry = Files.createDirectories(folder.resolve(time + "-" + run.id()));
    ObjectNode facts = RestCalls.JSON.createObjectNode();
    facts.put("format", FORMAT).put("run_id", run.id()).put("url", url);
    facts.put("workspace", workspace).put("kept", now.toString()).put("why", reason);
    try {
      write(entry, contents, facts);
      return entry;
    } catch (IOException | RuntimeException e) {
      FileUtil.fullyDelete(entry.toFile());
      throw e;
    }
  }

  private static void write(Path entry, Contents contents, ObjectNode facts) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Note note : contents.notes()) {
      lines.append(note.json()).append('\n');
      if (note instanceof Note.File file) {
        write(entry.resolve(ARTIFACTS).resolve(file.path()), file.content());
      }
    }
    Files.writeString(entry.resolve(NOTES), lines);
    synchronized (contents) {
      ModelFolder model = contents.model;
      if (model != null) {
        Path target = entry.resolve(ARTIFACTS).resolve(model.artifactPath());
        for (String name : model.files()) {
          Path copy = target.resolve(name);
          Files.createDirectories(copy.getParent());
          Files.copy(model.directory().resolve(name), copy);
        }
        facts.put("model", model.artifactPath());
      }
      contents.version.ifPresent(version -> facts.set("version", version.json()));
    }
    Files.writeString(entry.resolve(RUN), facts.toPrettyString() + "\n");
    Path sums = Files.writeString(entry.resolve(SUMS + ".part"), sums(entry));
    // the sums promise the files, also after a loss of power
    for (LocalFiles.LocalFile file : LocalFiles.at(entry).files()) {
      force(file.file());
    }
    Files.move(sums, entry.resolve(SUMS));
    force(entry);
  }

  private static void force(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.debug("{} may not be on the disk yet", file, e); // some volumes cannot tell
    }
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  /** A line for each file of an entry but the sums themselves, as {@code sha256sum} writes it. */
  static String sums(Path entry) {
    StringBuilder lines = new StringBuilder();
    for (LocalFiles.LocalFile file : LocalFiles.at(entry).files()) {
      if (!file.path().equals(SUMS)) {
        lines.append("%s  %s\n".formatted(LocalFiles.sha256(file.file()), file.path()));
      }
    }
    return lines.toString();
  }
}
