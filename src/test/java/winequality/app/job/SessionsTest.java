package winequality.app.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;
import testing.SparkTest;
import winequality.data.SmallData;

/** Queries on a small table are interpreted, and the session's settings are put back. */
class SessionsTest extends SparkTest {

  private SparkSession own = SparkTest.session();

  @BeforeEach
  void openSession() {
    own = spark().newSession();
    own.conf().unset("spark.sql.codegen.wholeStage");
    own.conf().unset("spark.sql.codegen.factoryMode");
  }

  private String plan() {
    return own.range(9).selectExpr("id + 1").queryExecution().executedPlan().toString();
  }

  @Test
  void onlyASmallTableIsInterpreted() {
    assertThat(plan()).contains("*(1)");
    assertThat(Sessions.interpreting(own, SmallData.BYTES, this::plan)).doesNotContain("*(1)");
    assertThat(Sessions.interpreting(own, SmallData.BYTES + 1, this::plan)).contains("*(1)");
    assertThat(plan()).contains("*(1)");
  }

  @Test
  void settingsArePutBackAfterAFailure() {
    Map<String, String> before = Map.copyOf(CollectionConverters.asJava(own.conf().getAll()));
    assertThatThrownBy(
            () ->
                Sessions.interpreting(
                    own,
                    0,
                    () -> {
                      throw new IllegalStateException("planned");
                    }))
        .hasMessage("planned");
    assertThat(CollectionConverters.asJava(own.conf().getAll())).isEqualTo(before);
  }

  @Test
  void aSettingOfTheSessionWins() {
    own.conf().set("spark.sql.codegen.wholeStage", "true");
    assertThat(Sessions.interpreting(own, 0, this::plan)).contains("*(1)");
    assertThat(own.conf().get("spark.sql.codegen.wholeStage")).isEqualTo("true");
  }
}
