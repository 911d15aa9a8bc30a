package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import sparkmlflow.model.ModelSignature.Column;

class ModelSignatureTest {

  @Test
  void namesSurviveTheJsonWhateverTheyHold() throws Exception {
    List<String> names = List.of("fixed acidity", "Süße", "a \"quoted\" name", "back\\slash", "'");
    String json = ModelSignature.ofRegression(names).inputsJson();

    assertThat(json).isPrintable().matches("\\p{ASCII}*");
    assertThat(new ObjectMapper().readTree(json).findValuesAsText("name")).isEqualTo(names);
  }

  @Test
  void aColumnIsWrittenWithTypeNameAndPresence() {
    ModelSignature signature =
        new ModelSignature(
            List.of(Column.required("a", ColumnType.LONG), Column.optional("b", ColumnType.STRING)),
            List.of(Column.required("prediction", ColumnType.INTEGER)));

    assertThat(signature.inputsJson())
        .isEqualTo(
            "[{\"type\":\"long\",\"name\":\"a\",\"required\":true},"
                + "{\"type\":\"string\",\"name\":\"b\",\"required\":false}]");
    assertThat(signature.outputsJson())
        .isEqualTo("[{\"type\":\"integer\",\"name\":\"prediction\",\"required\":true}]");
    assertThat(signature.inputSchema().simpleString()).isEqualTo("struct<a:bigint,b:string>");
    assertThat(signature.inputSchema().apply("a").nullable()).isFalse();
    assertThat(signature.inputSchema().apply("b").nullable()).isTrue();
  }

  @Test
  void aRegressionTakesCategoriesAndNumbersThatMayBeMissing() {
    List<Column> inputs =
        List.of(
            Column.required("cut", ColumnType.STRING), Column.optional("bmi", ColumnType.DOUBLE));
    ModelSignature signature = ModelSignature.ofRegressionOn(inputs);

    assertThat(signature.inputs()).isEqualTo(inputs);
    assertThat(signature.outputs()).isEqualTo(ModelSignature.ofRegression(List.of("a")).outputs());
    assertThat(ModelSignature.ofJson(signature.inputsJson(), signature.outputsJson()))
        .contains(signature);
    assertThat(signature.differencesFrom(ModelSignature.ofRegression(List.of("cut", "bmi"))))
        .containsExactly("input \"cut\" is required string instead of required double");
  }

  @Test
  void everyTypeComesBackFromItsSparkType() {
    for (ColumnType type : ColumnType.values()) {
      assertThat(ColumnType.of(type.sparkType())).contains(type);
    }
    assertThat(ColumnType.of(SQLDataTypes.VectorType())).isEmpty();
    assertThat(ColumnType.of(DataTypes.createDecimalType())).isEmpty();
  }

  @Test
  void whoeverGivesEveryValueMayCallAModelThatNeedsFewer() {
    ModelSignature all =
        ModelSignature.ofRegressionOn(List.of(Column.required("a", ColumnType.DOUBLE)));
    ModelSignature some =
        ModelSignature.ofRegressionOn(List.of(Column.optional("a", ColumnType.DOUBLE)));
    assertThat(some.differencesFrom(all)).isEmpty();
    assertThat(all.differencesFrom(some))
        .containsExactly("input \"a\" is required double instead of optional double");
  }

  @Test
  void aSideWithoutColumnsIsRejected() {
    assertThatThrownBy(() -> ModelSignature.ofRegression(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The signature has no inputs; Unity Catalog refuses such a model");
    List<Column> inputs = List.of(Column.required("a", ColumnType.DOUBLE));
    assertThatThrownBy(() -> new ModelSignature(inputs, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The signature has no outputs;");
  }

  @Test
  void aNameThatIsThereTwiceIsRejected() {
    assertThatThrownBy(() -> ModelSignature.ofRegression(List.of("pH", "density", "pH")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The signature's inputs name the column \"pH\" twice");
  }

  @Test
  void aBlankNameIsRejected() {
    assertThatThrownBy(() -> ModelSignature.ofRegression(List.of(" ")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A signature column has the name \" \"; MLflow matches columns by name");
  }
}
