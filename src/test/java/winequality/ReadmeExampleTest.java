package winequality;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java example of the library is one that compiles. */
class ReadmeExampleTest {

  @Test
  void theLibrarysExampleCompiles(@TempDir Path classes) throws Exception {
    Matcher example =
        Pattern.compile("(?s)```java\\n((?:(?!```).)*PipelineLog.*?)```")
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(example.find()).as("the README has an example of PipelineLog").isTrue();
    String imports =
        example
            .group(1)
            .lines()
            .filter(line -> line.startsWith("import "))
            .reduce("", (all, line) -> all + line + "\n");
    String body =
        example
            .group(1)
            .lines()
            .filter(line -> !line.startsWith("import "))
            .reduce("", (all, line) -> all + line + "\n");
    String source =
        imports
            + "class Example { static void log("
            + "org.apache.spark.sql.SparkSession spark, org.apache.spark.ml.PipelineModel pipeline,"
            + " org.apache.spark.sql.Dataset<org.apache.spark.sql.Row> rows, double rmse) {\n"
            + body
            + "}}";

    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    boolean compiled =
        compiler
            .getTask(
                null,
                null,
                problems,
                List.of("-classpath", classPath(), "-d", classes.toString(), "-proc:none"),
                null,
                List.of(
                    new SimpleJavaFileObject(
                        URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
                      @Override
                      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                      }
                    }))
            .call();

    assertThat(compiled).as(source + problems.getDiagnostics()).isTrue();
  }

  /** Surefire starts the JVM with a jar that only names the class path. */
  private static String classPath() {
    return System.getProperty(
        "surefire.test.class.path", System.getProperty("java.class.path", "."));
  }
}
