package winequality.model;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.data.ColumnDescription;

/** A registered model in Spark. */
public final class LoadedModel {

  private static final String PREDICTION = "prediction";

  private final StoredModel stored;
  private final PipelineModel pipeline;

  LoadedModel(StoredModel stored, PipelineModel pipeline) {
    this.stored = stored;
    this.pipeline = pipeline;
  }

  /** What it takes and gives; empty if it was registered without that. */
  public Optional<ModelSignature> signature() {
    return stored.signature();
  }

  /**
   * The rows with the model's predictions in one more column; nothing is read before an action.
   *
   * @param rows with the signature's inputs; none of their columns may have the name of one that
   *     the pipeline adds, such as {@code features}
   * @param as name of the new column
   * @throws IllegalArgumentException if a column is missing, has another type or is in the way
   */
  public Dataset<Row> predict(Dataset<Row> rows, String as) {
    Dataset<Row> predicted = pipeline.transform(rows);
    List<Column> columns = new ArrayList<>();
    for (String name : rows.columns()) {
      columns.add(col(ColumnDescription.quoted(name)));
    }
    columns.add(col(PREDICTION).as(as));
    return predicted.select(columns.toArray(Column[]::new));
  }
}
