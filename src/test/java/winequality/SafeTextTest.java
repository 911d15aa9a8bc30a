package winequality;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

/** Names that are markup, or that a terminal would obey. */
class SafeTextTest {

  @Test
  void inMarkdownNothingOfANameIsMarkup() {
    assertThat(SafeText.markdown("<script>&|`a`\n[x](y) *b* _c_ \\d\u001b"))
        .isEqualTo("&lt;script&gt;&amp;\\|\\`a\\` \\[x\\](y) \\*b\\* \\_c\\_ \\\\d\\\\u001b");
    assertThat(SafeText.markdown("fixed acidity (g/dm³)")).isEqualTo("fixed acidity (g/dm³)");
  }

  @Test
  void aLineStaysOneLine() {
    assertThat(SafeText.line("a\r\n\tb\u0085c\u2028d\u001b"))
        .isEqualTo("a\\u000d b\\u0085c\\u2028d\\u001b");
  }

  @Test
  void codeInMarkdownStaysOnItsLineAndInside() {
    assertThat(SafeText.code("/a\n`b`\u0007")).isEqualTo("`/a 'b'\\u0007`");
  }

  @Test
  void controlCharactersDoNotReachTheTerminalThroughTheLocalLog() throws Exception {
    Properties log = new Properties();
    try (var in = Files.newInputStream(Path.of("deploy/local/log4j2.properties"))) {
      log.load(in);
    }
    PatternLayout layout =
        PatternLayout.newBuilder()
            .withPattern(log.getProperty("appender.console.layout.pattern"))
            .build();
    assertThat(
            layout.toSerializable(
                Log4jLogEvent.newBuilder()
                    .setLoggerName("a.B")
                    .setMessage(new SimpleMessage("x\u001b[31m\u0007\r\u009b {} \\ ä\n\ty"))
                    .build()))
        .endsWith("B: x?[31m??? {} \\ ä\n\ty\n");
  }
}
