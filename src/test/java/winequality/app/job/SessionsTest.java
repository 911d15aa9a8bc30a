package winequality.app.job;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;
import testing.SparkTest;
import winequality.data.SmallData;

/** Queries on a small table are interpreted as planned, and the session's settings are put back. */
class SessionsTest extends SparkTest {

  private static final String ADAPTIVE = "spark.sql.adaptive.enabled";

  private SparkSession own = SparkTest.session();

  @BeforeEach
  void openSession() {
    own = spark().newSession();
    own.conf().unset("spark.sql.codegen.wholeStage");
    own.conf().unset("spark.sql.codegen.factoryMode");
    own.conf().unset(ADAPTIVE);
  }

  private String plan() {
    return own.range(9).selectExpr("id + 1").queryExecution().executedPlan().toString();
  }

  private String planWithShuffle() {
    return own.range(9).groupBy(expr("id % 2")).count().queryExecution().executedPlan().toString();
  }

  @Test
  void onlyASmallTableIsInterpreted() {
    assertThat(plan()).contains("*(1)");
    assertThat(Sessions.reading(SmallData.BYTES, own, this::plan)).doesNotContain("*(1)");
    assertThat(Sessions.reading(SmallData.BYTES + 1, own, this::plan)).contains("*(1)");
    assertThat(plan()).contains("*(1)");
  }

  @Test
  void onlyASmallTablesQueriesRunAsPlanned() {
    assertThat(planWithShuffle()).contains("AdaptiveSparkPlan");
    assertThat(Sessions.reading(SmallData.BYTES, own, this::planWithShuffle))
        .contains("Exchange")
        .doesNotContain("AdaptiveSparkPlan");
    assertThat(Sessions.reading(SmallData.BYTES + 1, own, this::planWithShuffle))
        .contains("AdaptiveSparkPlan");
    assertThat(planWithShuffle()).contains("AdaptiveSparkPlan");
  }

  @Test
  void settingsArePutBackAfterAFailure() {
    Map<String, String> before = Map.copyOf(CollectionConverters.asJava(own.conf().getAll()));
    assertThatThrownBy(
            () ->
                Sessions.reading(
                    0,
                    own,
                    () -> {
                      throw new IllegalStateException("planned");
                    }))
        .hasMessage("planned");
    assertThat(CollectionConverters.asJava(own.conf().getAll())).isEqualTo(before);
  }

  @Test
  void settingsOfTheSessionWin() {
    own.conf().set("spark.sql.codegen.wholeStage", "true");
    own.conf().set(ADAPTIVE, "true");
    assertThat(Sessions.reading(0, own, this::plan)).contains("*(1)");
    assertThat(Sessions.reading(0, own, this::planWithShuffle)).contains("AdaptiveSparkPlan");
    assertThat(own.conf().get("spark.sql.codegen.wholeStage")).isEqualTo("true");
    assertThat(own.conf().get(ADAPTIVE)).isEqualTo("true");
  }
}
