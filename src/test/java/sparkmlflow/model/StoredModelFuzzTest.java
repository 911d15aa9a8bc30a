package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import sparkmlflow.DamagedFilesException;
import testing.Mutations;

/** Any MLmodel is read, or is damage that is said. */
class StoredModelFuzzTest {

  private static final List<String> BESIDE =
      List.of(
          "model.onnx",
          "sparkml",
          "conda.yaml",
          "python_env.yaml",
          "input_example.json",
          "serving_input_example.json");

  private static final Path FOLDER = newFolder();

  private static Path newFolder() {
    try {
      Path folder = Files.createTempDirectory("fuzz");
      for (String file : BESIDE) {
        Files.createFile(folder.resolve(file));
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterContainer
  static void delete() throws IOException {
    for (String file : BESIDE) {
      Files.delete(FOLDER.resolve(file));
    }
    Files.deleteIfExists(FOLDER.resolve("MLmodel"));
    Files.delete(FOLDER);
  }

  @Provide
  Arbitrary<byte[]> models() {
    return Mutations.of(
        Mutations.corpus("mlmodel"),
        List.of(
            "&a ",
            "*a",
            "*f",
            "[",
            "]",
            "{",
            "}",
            ": ",
            "- ",
            "? ",
            "\n",
            "  ",
            "!!java.net.URL [x]",
            "!!binary aGk=",
            "!!set {a}",
            "!!timestamp 2026-01-01",
            "2026-01-01",
            "null",
            "~",
            "\"",
            "'",
            "\\0",
            "\"\\0\"",
            "../",
            "/",
            "<<: *f\n",
            "1e999",
            ".nan",
            "0x10",
            "|\n",
            ">\n",
            "%YAML 1.1\n",
            "---\n",
            "\t",
            "[[[[[[[[[[[[[[[[",
            "{\"a\":",
            "true",
            "name",
            "type"));
  }

  @Example
  void theCorpus() throws IOException {
    for (byte[] model : Mutations.corpus("mlmodel")) {
      anyModel(model);
    }
  }

  @Example
  void aFileOutsideTheFolderIsNotTheModels() throws IOException {
    for (String name :
        List.of("../../../../../../../etc/passwd", "/etc/passwd", "\\0", "a/../../")) {
      Files.writeString(
          FOLDER.resolve("MLmodel"), "flavors:\n  spark: {model_data: \"" + name + "\"}\n");
      assertThatThrownBy(() -> StoredModel.read(FOLDER))
          .isInstanceOf(DamagedFilesException.class)
          .hasMessageContaining("which does not exist in its folder");
    }
  }

  @Property(seed = "18")
  void anyModel(@ForAll("models") byte[] model) throws IOException {
    Files.write(FOLDER.resolve("MLmodel"), model);
    try {
      StoredModel read = StoredModel.read(FOLDER);
      assertThat(ModelText.json(read.flavors())).isNotEmpty();
    } catch (DamagedFilesException e) {
      assertThat(e).hasMessageContaining("MLmodel");
    }
  }
}
