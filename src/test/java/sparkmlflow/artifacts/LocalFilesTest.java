package sparkmlflow.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.LocaleOfNumbers;

class LocalFilesTest {

  /** Another machine compares the digest. */
  @Test
  void theDigestIsTheSameInEveryLocale(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("a"), "twelve bytes");
    LocalFiles files = LocalFiles.in(folder, List.of("a"));
    assertThat(LocaleOfNumbers.in("ar-EG-u-nu-arab", files::digest)).isEqualTo(files.digest());
  }
}
