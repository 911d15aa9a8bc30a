package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import sparkmlflow.model.ModelSignature.Column;

class InputExampleTest {

  private static final ModelSignature TWO_DOUBLES = ModelSignature.ofRegression(List.of("a", "b"));

  @Test
  void aWholeNumberInADoubleColumnIsWrittenAsADouble() {
    InputExample example = new InputExample(List.of("a", "b"), List.of(List.of(1, 0.1f)));

    assertThat(example.fitting(TWO_DOUBLES).splitJson())
        .isEqualTo("{\"columns\":[\"a\",\"b\"],\"data\":[[1.0,0.1]]}");
  }

  @Test
  void servingTakesTheSameRowsAsADataFrame() {
    InputExample example = new InputExample(List.of("ü"), List.of(List.of("x")));

    assertThat(example.servingJson())
        .isEqualTo("{\"dataframe_split\":{\"columns\":[\"\\u00FC\"],\"data\":[[\"x\"]]}}");
  }

  @Test
  void sparkRowsBringTheirColumns() {
    StructType schema =
        new StructType().add("a", DataTypes.DoubleType).add("b", DataTypes.LongType);
    var row = new GenericRowWithSchema(new Object[] {1.5, 2L}, schema);

    assertThat(InputExample.ofRows(List.of(row)))
        .isEqualTo(new InputExample(List.of("a", "b"), List.of(List.of(1.5, 2L))));
    assertThatThrownBy(() -> InputExample.ofRows(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The input example has 0 rows");
    assertThat(RowFactory.create(1.0).schema()).isNull();
    assertThatThrownBy(() -> InputExample.ofRows(List.of(RowFactory.create(1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The rows of the input example have no schema");
  }

  @Test
  void aCellThatJsonCannotHoldIsRejected() {
    for (Object cell : List.of(Double.NaN, Float.POSITIVE_INFINITY, new byte[0])) {
      assertThatThrownBy(() -> new InputExample(List.of("a"), List.of(List.of(cell))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Row 1 of the input example holds " + cell + " in the column");
    }
    List<Object> missing = Collections.singletonList(null);
    assertThatThrownBy(() -> new InputExample(List.of("a"), List.of(missing)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Row 1 of the input example holds null in the column \"a\"");
  }

  @Test
  void rowsAndColumnsThatDoNotFitAreRejected() {
    assertThatThrownBy(() -> new InputExample(List.of("a", "a"), List.of(List.of(1.0, 2.0))))
        .hasMessage("The input example names the column \"a\" twice; rename one");
    assertThatThrownBy(() -> new InputExample(List.of("a"), List.of()))
        .hasMessageStartingWith("The input example has 0 rows; it must have 1 to 100");
    assertThatThrownBy(() -> new InputExample(List.of("a"), Collections.nCopies(101, List.of(1.0))))
        .hasMessageStartingWith("The input example has 101 rows");
    assertThatThrownBy(() -> new InputExample(List.of("a"), List.of(List.of(1.0, 2.0))))
        .hasMessage("Row 1 of the input example has 2 cells for 1 columns");
    assertThatThrownBy(() -> new InputExample(List.of(), List.of(List.of())))
        .hasMessageStartingWith("The input example has no columns");
  }

  @Test
  void anExampleOfOtherColumnsOrTypesIsRejected() {
    assertThatThrownBy(
            () ->
                new InputExample(List.of("b", "a"), List.of(List.of(1.0, 2.0)))
                    .fitting(TWO_DOUBLES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "The input example's columns are [b, a] but the signature's inputs are [a, b];");
    assertThatThrownBy(
            () ->
                new InputExample(List.of("a", "b"), List.of(List.of(1.0, "2")))
                    .fitting(TWO_DOUBLES))
        .hasMessage(
            "The input example holds 2 (String) in the column \"b\", which the signature calls"
                + " double");
    for (ColumnType type :
        List.of(ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.STRING, ColumnType.LONG)) {
      ModelSignature signature =
          new ModelSignature(List.of(Column.required("a", type)), TWO_DOUBLES.outputs());
      assertThatThrownBy(
              () -> new InputExample(List.of("a"), List.of(List.of(1.5))).fitting(signature))
          .hasMessageContaining("which the signature calls " + type.mlflowName());
    }
    ModelSignature integers =
        new ModelSignature(
            List.of(Column.required("a", ColumnType.INTEGER)), TWO_DOUBLES.outputs());
    assertThatThrownBy(
            () -> new InputExample(List.of("a"), List.of(List.of(1L << 40))).fitting(integers))
        .hasMessageContaining("which the signature calls integer");
  }
}
