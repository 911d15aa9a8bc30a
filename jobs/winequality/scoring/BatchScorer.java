package winequality.scoring;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import elasticnet.split.Columns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.model.ModelSignature;
import winequality.data.DataRefusedException;
import winequality.data.Fingerprint;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;

/**
 * Adds a model's predictions for the rows of an input to a Delta table, once for each version of
 * the input and of the model.
 *
 * <p>The rows are read once, and counted on the way; only if some cannot be scored they are read
 * again, for those. Predictions are written before the rejected rows. A job that dies in between is
 * completed by the next one, which finds the predictions and writes what is missing.
 */
public final class BatchScorer {

  private static final String PREDICTION = "prediction";
  private static final String ROW = "row";
  private static final String REFUSAL = "_refusal";

  private final SparkSession spark;
  private final ScoringSettings settings;
  private final String jobId;
  private final Instant at;

  /**
   * @param spark whose tasks may write into several files at once, or the rows are sorted first:
   *     see {@code spark.sql.maxConcurrentOutputFileWriters}
   * @param jobId unique for this start of the job; finds its commits again
   * @param at what stands as {@code scored_at}
   */
  public BatchScorer(SparkSession spark, ScoringSettings settings, String jobId, Instant at) {
    this.spark = spark;
    this.settings = settings;
    this.jobId = jobId;
    this.at = at;
  }

  /**
   * Scores the input, and closes it.
   *
   * @throws DataRefusedException if a table of this job cannot take the rows, the input changes
   *     meanwhile, predictions that were made before have been deleted, or more rows are rejected
   *     than {@code scoring.max-rejected-fraction} allows; the predictions of the others stay then
   * @throws IllegalArgumentException if the model has no signature
   */
  public ScoredTable score(ScoringInput input, ScoringModel model) {
    try (input) {
      return scored(input, model);
    }
  }

  private ScoredTable scored(ScoringInput input, ScoringModel model) {
    ModelSignature signature =
        model
            .model()
            .signature()
            .orElseThrow(() -> new IllegalArgumentException("A model without a signature"));
    ScoringTable.Part part =
        new ScoringTable.Part(
            input.location(),
            input.version(),
            model.name(),
            model.version(),
            model.runId(),
            jobId,
            at);
    ScoringTable predictions =
        new ScoringTable(spark, settings.table(), "scoring.table", List.of(PREDICTION), part);
    ScoringTable rejects =
        new ScoringTable(
            spark,
            settings.rejectedTable(),
            "scoring.rejected-table",
            List.of("rule", "column", "value", "reason", ROW),
            part);
    List<String> kept = kept(input, predictions);
    RowRules rules = new RowRules(input, signature);

    Observation seen = new Observation();
    Dataset<Row> sound =
        input
            .rows()
            .observe(seen, count(lit(1)).as("rows"))
            .filter(rules.sound())
            .select(typed(input, rules));
    Dataset<Row> scored =
        model
            .model()
            .predict(sound, PREDICTION)
            .filter(RowRules.isFinite(col(PREDICTION)))
            .select(columns(kept, List.of(PREDICTION)));
    String once =
        Fingerprint.of(
            String.join(
                "\n",
                input.location(),
                input.identity(),
                input.version(),
                model.name(),
                String.valueOf(model.version()),
                model.runId()));
    Optional<ScoringTable.Written> written =
        predictions.write(scored, Optional.of(new TableWriter.Once(once, settings.attempt())));
    input.requireUnchanged();
    if (written.isPresent()) {
      long read = rows(seen);
      long rejected = read - written.get().rows();
      if (rejected > 0 || rejects.rows() > 0) {
        reject(input, rules, model, rejects, rejected == 0);
      }
      return result(
          ScoredTable.Outcome.WRITTEN, written.get().table(), written.get().rows(), rejects, read);
    }
    if (rejects.rows() == 0) {
      // the earlier job may have died before it wrote them
      reject(input, rules, model, rejects, false);
    }
    long before = predictions.rows();
    if (before + rejects.rows() == 0 && !input.rows().isEmpty()) {
      throw new DataRefusedException(
          "The rows of %s at version %s were scored by version %d of %s before, but %s has none of them any more: they were deleted since. Set scoring.attempt to %d to have them scored again."
              .formatted(
                  input.location(),
                  input.version(),
                  model.version(),
                  model.name(),
                  settings.table(),
                  settings.attempt() + 1));
    }
    return result(
        ScoredTable.Outcome.FOUND, predictions.table(), before, rejects, before + rejects.rows());
  }

  private static long rows(Observation seen) {
    try {
      return seen.getAsJava().get("rows") instanceof Long rows ? rows : 0L;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the rows were counted", e);
    }
  }

  private void reject(
      ScoringInput input, RowRules rules, ScoringModel model, ScoringTable rejects, boolean none) {
    Dataset<Row> rows = rejected(input, rules, model);
    if (none) {
      rejects.write(rows.limit(0), Optional.empty());
    } else if (rejects.exists() || !rows.isEmpty()) {
      rejects.write(rows, Optional.empty());
    }
    input.requireUnchanged();
  }

  private ScoredTable result(
      ScoredTable.Outcome outcome,
      TableVersion table,
      long scored,
      ScoringTable rejects,
      long read) {
    boolean any = rejects.rows() > 0;
    ScoredTable result =
        new ScoredTable(
            outcome,
            table,
            any ? Optional.of(rejects.table()) : Optional.empty(),
            scored,
            any ? rejects.rowsBy("rule") : Map.of());
    if (result.read() != read) {
      throw new IllegalStateException(
          "Rows were lost: %d read, but %d scored and %d rejected"
              .formatted(read, scored, result.rejectedRows()));
    }
    double fraction = read == 0 ? 0.0 : (double) result.rejectedRows() / read;
    if (fraction > settings.maxRejectedFraction() || (read > 0 && scored == 0)) {
      throw new DataRefusedException(
          String.format(
              Locale.ROOT,
              "Rejected %d of %d rows (%.1f %%; limit %.1f %%): %s. See table %s. The other %d rows are scored, in %s. Mend the source, or raise scoring.max-rejected-fraction if so many are expected.",
              result.rejectedRows(),
              read,
              100 * fraction,
              100 * settings.maxRejectedFraction(),
              result.rejectedByRule().entrySet().stream()
                  .map(rule -> rule.getKey() + " " + rule.getValue())
                  .collect(Collectors.joining(", ")),
              settings.rejectedTable(),
              scored,
              settings.table()));
    }
    return result;
  }

  private List<String> kept(ScoringInput input, ScoringTable predictions) {
    List<String> has = input.columns();
    List<String> kept = settings.columns().isEmpty() ? has : settings.columns();
    List<String> missing = kept.stream().filter(name -> !has.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw new DataRefusedException(
          "scoring.columns has %s, which %s has not; it has %s."
              .formatted(missing, input.location(), has));
    }
    List<String> taken = predictions.taken(kept);
    if (!taken.isEmpty()) {
      throw new DataRefusedException(
          "%s has the columns %s, which the table of predictions needs for itself; name the others in scoring.columns."
              .formatted(input.location(), taken));
    }
    return kept;
  }

  /** All columns of the input, those of the signature in its types. */
  private static Column[] typed(ScoringInput input, RowRules rules) {
    List<Column> columns = new ArrayList<>();
    for (String name : input.columns()) {
      columns.add(
          rules.present().stream()
              .filter(column -> column.name().equals(name))
              .findFirst()
              .map(column -> input.value(column).as(name))
              .orElseGet(() -> col(Columns.quoted(name))));
    }
    return columns.toArray(Column[]::new);
  }

  private static Column[] columns(List<String> names, List<String> more) {
    List<Column> columns = new ArrayList<>();
    names.forEach(name -> columns.add(col(Columns.quoted(name))));
    more.forEach(name -> columns.add(col(name)));
    return columns.toArray(Column[]::new);
  }

  /** The rows without a prediction, each with the reason and as it is stored. */
  private static Dataset<Row> rejected(ScoringInput input, RowRules rules, ScoringModel model) {
    Column stored = input.stored().as(ROW);
    Column[] refusal = {
      col(REFUSAL + ".rule"),
      col(REFUSAL + ".column"),
      col(REFUSAL + ".value"),
      col(REFUSAL + ".reason"),
      col(ROW)
    };
    Dataset<Row> unsound =
        input
            .rows()
            .filter(not(rules.sound()))
            .select(rules.refusal().as(REFUSAL), stored)
            .select(refusal);
    List<Column> asked = new ArrayList<>(List.of(stored));
    for (ModelSignature.Column column : rules.present()) {
      asked.add(input.value(column).as(column.name()));
    }
    Dataset<Row> unanswered =
        model
            .model()
            .predict(
                input.rows().filter(rules.sound()).select(asked.toArray(Column[]::new)),
                "_prediction")
            .filter(not(coalesce(RowRules.isFinite(col("_prediction")), lit(false))))
            .select(RowRules.notFinite(col("_prediction")).as(REFUSAL), col(ROW))
            .select(refusal);
    return unsound.union(unanswered);
  }
}
