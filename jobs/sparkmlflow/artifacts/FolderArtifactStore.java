package sparkmlflow.artifacts;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.LocalFiles;

/**
 * A folder that this process shares with the MLflow server ({@code mlflow server
 * --no-serve-artifacts} with a local root): each file is copied beside its place and then moved
 * there, so that no reader sees half of it.
 *
 * <p>The listing is the server's. If the two do not share the folder after all, the files just
 * written are missing there.
 */
public final class FolderArtifactStore implements ArtifactStore {

  private final TrackingCalls tracking;
  private final String runId;
  private final Path folder;

  public FolderArtifactStore(TrackingCalls tracking, Run run) {
    this.tracking = tracking;
    this.runId = run.id();
    this.folder = folder(run);
  }

  private static Path folder(Run run) {
    String uri = run.artifactUri();
    if (uri.startsWith("file:")) {
      URI parsed = URI.create(uri);
      if (parsed.getAuthority() == null && parsed.getPath() != null) {
        return Path.of(parsed.getPath());
      }
    } else if (Path.of(uri).isAbsolute()) {
      return Path.of(uri);
    }
    throw MlflowException.refused(
        "store files of run " + run.id(),
        "its artifact root is "
            + uri
            + ", which names a folder only on the server. Start the server with --serve-artifacts,"
            + " or with an absolute --default-artifact-root that this machine shares.");
  }

  @Override
  public void upload(LocalFiles files, String artifactPath) {
    requireSharedRoot();
    Path target = folder.resolve(artifactPath);
    for (LocalFiles.LocalFile file : files.files()) {
      Path place = target.resolve(file.path());
      try {
        Path temporary = place.resolveSibling("." + UUID.randomUUID() + ".part");
        Files.createDirectories(temporary.resolve("..").normalize());
        try {
          Files.copy(file.file(), temporary);
          Files.move(
              temporary,
              place,
              StandardCopyOption.ATOMIC_MOVE,
              StandardCopyOption.REPLACE_EXISTING);
        } finally {
          Files.deleteIfExists(temporary);
        }
      } catch (IOException e) {
        throw MlflowException.refused(
            "store " + file.path() + " of run " + runId,
            "copying to " + place + " failed: " + e + ".",
            e);
      }
    }
  }

  @Override
  public void download(List<StoredFile> files, String artifactPath, Path target) {
    if (!Files.isDirectory(folder)) {
      throw MlflowException.refused(
          "download files of run " + runId,
          "the server lists files in its folder "
              + folder
              + ", which is not there on this machine. Start the server with --serve-artifacts, or"
              + " let both share the folder.");
    }
    for (StoredFile file : files) {
      fetch(file, target.resolve(file.below(artifactPath)));
    }
  }

  private void fetch(StoredFile file, Path target) {
    Path place = folder.resolve(file.path());
    try {
      Files.createDirectories(target.resolve("..").normalize());
      Files.copy(place, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      throw new DamagedFilesException(
          "download " + file.path() + " of run " + runId,
          "the server lists it, but " + place + " is not there.",
          e);
    } catch (IOException e) {
      throw MlflowException.refused(
          "download " + file.path() + " of run " + runId, "copying " + place + " failed: " + e, e);
    }
  }

  // <root>/<experiment>/<run>/artifacts: the server does not make these folders when it makes the
  // run, so it is the root that tells whether this machine sees the server's disk.
  private void requireSharedRoot() {
    Path root = folder;
    for (int up = 0; up < 3 && root.getParent() != null; up++) {
      root = root.getParent();
    }
    if (!Files.isDirectory(root) || !Files.isWritable(root)) {
      throw MlflowException.refused(
          "store files of run " + runId,
          "its artifact root is the folder "
              + folder
              + ", but "
              + root
              + (Files.isDirectory(root) ? " is not writable" : " does not exist")
              + " on this machine. Start the server with --serve-artifacts, or let both share the"
              + " folder.");
    }
  }

  @Override
  public Optional<StoredFile> find(String artifactPath) {
    return tracking.artifact(runId, artifactPath);
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return tracking.artifacts(runId, artifactPath);
  }
}
