package sparkmlflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file with a password, token or private key. */
public final class SecretFile {

  private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);
  private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

  private SecretFile() {}

  /** Warns, once for each file, if every user of this machine may read it. */
  public static void warnIfShared(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ) && WARNED.add(file)) {
        LOG.warn(
            "Every user of this machine may read {} ({}), which has a secret. Let only its owner read it: chmod 600 {}",
            file,
            PosixFilePermissions.toString(permissions),
            file);
      }
    } catch (IOException | UnsupportedOperationException e) {
      // the file system has no such permissions, or the file is gone and its reader reports that
    }
  }
}
