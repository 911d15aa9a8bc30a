package sparkmlflow.artifacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.hadoop.fs.FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder on the driver's disk that is deleted when the work in it ends. */
public final class TemporaryFolder {

  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolder.class);

  private TemporaryFolder() {}

  public static <T> T with(Function<Path, T> work) {
    Path folder;
    try {
      folder = Files.createTempDirectory("sparkmlflow-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a temporary folder; check java.io.tmpdir", e);
    }
    try {
      return work.apply(folder);
    } finally {
      if (!FileUtil.fullyDelete(folder.toFile())) {
        LOG.warn("Could not delete the temporary folder {}", folder);
      }
    }
  }
}
