package winequality.mlflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Local files that are to travel, with the paths they shall have and their sizes at this moment.
 *
 * @param files at least one, ordered by path
 */
public record LocalFiles(List<LocalFile> files) {

  /**
   * One of them.
   *
   * @param path relative, parted by {@code /}, never leading upwards
   * @param size in bytes
   */
  public record LocalFile(String path, Path file, long size) {}

  /**
   * Keeps a copy of the list.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public LocalFiles {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("there is no file to upload");
    }
    files = List.copyOf(files);
  }

  /**
   * One file under its own name, or every file below a folder.
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

  /**
   * The named files of a folder, and no others.
   *
   * @param names relative to the folder, parted by {@code /}
   * @throws UncheckedIOException if one is not there
   */
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

  /** The sum of the sizes. */
  public long bytes() {
    return files.stream().mapToLong(LocalFile::size).sum();
  }
}
