package testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerKindTest {

  private static final String HEAD = "| MLflow server | set up with |";

  @Test
  void theReadmeListsTheServersThatTheProfileStarts() throws IOException {
    List<String> readme = Files.readAllLines(Path.of("README.md"));
    List<String> rows =
        readme.stream()
            .dropWhile(line -> !line.startsWith(HEAD))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .map(line -> line.split(" *\\| *", -1))
            .map(cells -> cells[1] + " | " + cells[2])
            .toList();

    assertThat(rows).isEqualTo(ServerKind.listed().stream().map(ServerKind::toString).toList());
  }

  @Test
  void eachVersionHasALock() {
    assertThat(ServerKind.listed())
        .allSatisfy(
            kind ->
                assertThat(Path.of("src/test/resources/servers/mlflow-" + kind.version() + ".txt"))
                    .content()
                    .contains("mlflow==" + kind.version() + "\n"));
  }
}
