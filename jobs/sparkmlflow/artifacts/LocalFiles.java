package sparkmlflow.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Local files to upload, at least one, with their target paths and current sizes. */
public record LocalFiles(List<LocalFile> files) {

  /** One file: a relative path, separated by {@code /}, without {@code ..}, and a size in bytes. */
  public record LocalFile(String path, Path file, long size) {}

  public LocalFiles {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("there is no file to upload");
    }
    files = List.copyOf(files);
  }

  /**
   * One file, or every file below a folder.
   *
   * @throws UncheckedIOException if it cannot be read
   * @throws IllegalArgumentException if the folder holds no file
   */
  public static LocalFiles at(Path fileOrFolder) {
    try {
      if (Files.isRegularFile(fileOrFolder)) {
        Path name = fileOrFolder.getFileName();
        return new LocalFiles(
            List.of(new LocalFile(name.toString(), fileOrFolder, Files.size(fileOrFolder))));
      }
      try (Stream<Path> walk = Files.walk(fileOrFolder)) {
        List<String> names =
            walk.filter(Files::isRegularFile)
                .map(file -> fileOrFolder.relativize(file).toString().replace('\\', '/'))
                .sorted()
                .toList();
        if (names.isEmpty()) {
          throw new IllegalArgumentException("the folder " + fileOrFolder + " holds no file");
        }
        return in(fileOrFolder, names);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + fileOrFolder, e);
    }
  }

  /** Files by names below a folder; throws {@link UncheckedIOException} if one is missing. */
  public static LocalFiles in(Path folder, List<String> names) {
    List<LocalFile> files = new ArrayList<>();
    for (String name : names) {
      Path file = folder.resolve(name).normalize();
      if (!file.startsWith(folder.normalize())) {
        throw new IllegalArgumentException(name + " leads out of the folder " + folder);
      }
      try {
        files.add(new LocalFile(name, file, Files.size(file)));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }
    return new LocalFiles(files);
  }

  /**
   * SHA-256 over each file's path, size and SHA-256, in the order of the paths, as 64 hexadecimal
   * digits. Folders with the same digest hold the same files.
   *
   * @throws UncheckedIOException if a file cannot be read
   */
  public String digest() {
    MessageDigest all = sha256();
    for (LocalFile file : files.stream().sorted(Comparator.comparing(LocalFile::path)).toList()) {
      all.update(
          "%s\0%s\0%s\n"
              .formatted(file.path(), file.size(), sha256(file.file()))
              .getBytes(StandardCharsets.UTF_8));
    }
    return hex(all.digest());
  }

  /** SHA-256 of a file's content, as 64 hexadecimal digits. */
  public static String sha256(Path file) {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return hex(digest.digest());
  }

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  public static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The files' paths, sorted. */
  public List<String> paths() {
    return files.stream().map(LocalFile::path).sorted().toList();
  }

  public long bytes() {
    return files.stream().mapToLong(LocalFile::size).sum();
  }
}
