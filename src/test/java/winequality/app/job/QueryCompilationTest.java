package winequality.app.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import testing.SparkTest;

@Tag(SparkTest.COMPILED)
class QueryCompilationTest extends SparkTest {

  private static final String WHOLE_STAGE = "spark.sql.codegen.wholeStage";
  private static final String FACTORY = "spark.sql.codegen.factoryMode";

  private SparkSession session;

  @BeforeEach
  void openASession() {
    session = spark().newSession();
  }

  @AfterEach
  void close() {
    SparkSession.setActiveSession(spark());
  }

  private boolean compiles() {
    return session
        .range(9)
        .filter("id > 1")
        .queryExecution()
        .executedPlan()
        .toString()
        .contains("*(1)");
  }

  @Test
  void littleDataIsNotWorthCompilingFor() {
    try (QueryCompilation compilation = new QueryCompilation(session)) {
      assertThat(compiles()).isTrue();
      compilation.dataHas(QueryCompilation.LITTLE);
      assertThat(compiles()).isFalse();
      compilation.dataHas(QueryCompilation.LITTLE + 1);
      assertThat(compiles()).isTrue();
      compilation.dataHas(0);
    }
    assertThat(compiles()).isTrue();
    assertThat(session.conf().get(FACTORY)).isEqualTo("FALLBACK");
  }

  @Test
  void nothingIsChosenIfTheSessionHasChosen() {
    session.conf().set(WHOLE_STAGE, true);
    try (QueryCompilation compilation = new QueryCompilation(session)) {
      compilation.dataHas(0);
      assertThat(compiles()).isTrue();
      assertThat(session.conf().get(FACTORY)).isEqualTo("FALLBACK");
    }
    assertThat(session.conf().get(WHOLE_STAGE)).isEqualTo("true");
  }
}
