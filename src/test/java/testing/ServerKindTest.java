package testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerKindTest {

  private static final String HEAD = "| MLflow server |";

  @Test
  void theServersPageHasTheServersThatTheProfileStarts() throws IOException {
    List<String[]> table =
        Files.readAllLines(Path.of("docs", "mlflow-servers.md")).stream()
            .dropWhile(line -> !line.startsWith(HEAD))
            .takeWhile(line -> line.startsWith("|"))
            .map(line -> line.split(" *\\| *", -1))
            .toList();
    List<String> tried = new ArrayList<>();
    for (String[] row : table.subList(2, table.size())) {
      for (int column = 2; column < row.length; column++) {
        if (!row[column].isEmpty()) {
          tried.add(row[1] + " | " + table.get(0)[column]);
        }
      }
    }

    assertThat(tried)
        .containsExactlyInAnyOrderElementsOf(
            ServerKind.listed().stream().map(ServerKind::toString).toList());
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
