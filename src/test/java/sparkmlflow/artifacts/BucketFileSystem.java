package sparkmlflow.artifacts;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;
import org.jspecify.annotations.Nullable;

/**
 * A bucket for Hadoop under any scheme, stored in the local folder {@code bucket.folder}. It
 * refuses access unless the setting {@code bucket.secret} is "open".
 */
public final class BucketFileSystem extends RawLocalFileSystem {

  private @Nullable URI bucket;
  private String folder = "";

  @Override
  public void initialize(URI uri, Configuration configuration) throws IOException {
    super.initialize(uri, configuration);
    bucket = URI.create(uri.getScheme() + "://" + uri.getAuthority());
    folder = configuration.get("bucket.folder");
    if (!"open".equals(configuration.get("bucket.secret"))) {
      throw new AccessControlException("bucket.secret opens nothing");
    }
  }

  @Override
  public URI getUri() {
    // called before initialize()
    return bucket == null ? super.getUri() : bucket;
  }

  @Override
  public Path getWorkingDirectory() {
    return new Path(getUri() + "/");
  }

  @Override
  public File pathToFile(Path path) {
    return new File(folder, makeQualified(path).toUri().getPath());
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    // without the owner, which Hadoop looks up by the local address
    return Arrays.stream(super.listStatus(path))
        .map(
            found ->
                new FileStatus(
                    found.getLen(),
                    found.isDirectory(),
                    1,
                    1,
                    0,
                    pathToFile(path).isFile()
                        ? path
                        : new Path(path, new Path(null, null, found.getPath().getName()))))
        .toArray(FileStatus[]::new);
  }
}
