package sparkmlflow.tracking;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;

/**
 * The files of a run or a logged model as the <em>server</em> lists them, whatever store is behind
 * it.
 *
 * @param owner for messages, such as {@code run 7}
 * @param call that lists one folder
 * @param query what the call needs besides the folder
 * @param folder the call's parameter for the folder
 */
public record FileListing(
    RestCalls rest, String owner, String call, Map<String, String> query, String folder) {

  /** Every file below a folder, which is empty for the root. */
  public List<StoredFile> below(String artifactPath) {
    List<StoredFile> files = new ArrayList<>();
    list(artifactPath, files::add, inner -> files.addAll(below(inner)));
    return files;
  }

  /** The file at a path, if the listing of its folder has it. */
  public Optional<StoredFile> find(String artifactPath) {
    List<StoredFile> files = new ArrayList<>();
    list(StoredFile.parent(artifactPath), files::add, inner -> {});
    return files.stream().filter(file -> file.path().equals(artifactPath)).findFirst();
  }

  private void list(String artifactPath, Consumer<StoredFile> file, Consumer<String> inner) {
    String operation = "list the files of " + owner;
    Map<String, String> all = new LinkedHashMap<>(query);
    if (!artifactPath.isEmpty()) {
      all.put(folder, artifactPath);
    }
    rest.pages(
        operation,
        call,
        all,
        "files",
        entry -> {
          String path = Answers.text(operation, entry, "path");
          if (entry.path("is_dir").asBoolean()) {
            // else a listing that names itself would be followed for ever
            if (!path.startsWith(artifactPath) || path.length() <= artifactPath.length()) {
              throw MlflowException.refused(
                  operation,
                  "the server lists the folder \"%s\" in \"%s\", where it cannot be."
                      .formatted(path, artifactPath));
            }
            inner.accept(path);
          } else {
            // the server omits the size if it is 0
            file.accept(new StoredFile(path, entry.path("file_size").asLong(0)));
          }
        });
  }
}
