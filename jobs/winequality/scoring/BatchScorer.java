package winequality.scoring;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import elasticnet.split.Columns;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.model.ModelSignature;
import winequality.SafeText;
import winequality.data.DataRefusedException;
import winequality.data.Fingerprint;
import winequality.data.csv.TextRow;
import winequality.data.table.RowRefusal;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;

/**
 * Adds a model's predictions for the rows of an input to a Delta table, once for each version of
 * the input and of the model.
 *
 * <p>The rows are read and counted in one pass; a second one follows only if some cannot be scored.
 * Predictions are written before the rejected rows. If a job dies in between, the next one finds
 * the predictions and writes the rejected rows.
 */
public final class BatchScorer {

  private static final String PREDICTION = "prediction";
  private static final String ROW = "row";

  private final SparkSession spark;
  private final ScoringSettings settings;
  private final String jobId;
  private final Instant at;

  /**
   * @param spark if its tasks may write several files at once ({@code
   *     spark.sql.maxConcurrentOutputFileWriters}), the rows need no sort
   * @param jobId unique for this start of the job; identifies its commits
   * @param at the value of {@code scored_at}
   */
  public BatchScorer(SparkSession spark, ScoringSettings settings, String jobId, Instant at) {
    this.spark = spark;
    this.settings = settings;
    this.jobId = jobId;
    this.at = at;
  }

  /**
   * Scores the input and closes it.
   *
   * @throws DataRefusedException if a table of this job cannot take the rows, the input changes
   *     meanwhile, or earlier predictions were deleted
   * @throws IllegalArgumentException if the model has no signature
   */
  public ScoredTable score(ScoringInput input, ScoringModel model) {
    try (input) {
      return input.reading(() -> scored(input, model));
    }
  }

  private ScoredTable scored(ScoringInput input, ScoringModel model) {
    ModelSignature signature =
        model
            .model()
            .signature()
            .orElseThrow(() -> new IllegalArgumentException("A model without a signature"));
    ScoringTable.Part part = new ScoringTable.Part(input, model, jobId, at);
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
    RowRules rules = new RowRules(input, signature, model.model().strictLevels());

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
            .filter(RowRefusal.isFinite(col(PREDICTION)))
            .select(
                Stream.concat(kept.stream(), Stream.of(PREDICTION))
                    .map(name -> col(Columns.quoted(name)))
                    .toArray(Column[]::new));
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
      TableVersion table = written.get().table();
      long rows = written.get().rows();
      long read = rows(seen, input);
      if (read > rows) {
        reject(input, rejected(input, rules, model), rejects);
      } else if (rejects.rows() > 0) {
        reject(input, rejected(input, rules, model).limit(0), rejects);
      }
      return result(ScoredTable.Outcome.WRITTEN, table, rows, rejects, read);
    }
    if (rejects.rows() == 0) {
      // the earlier job may have died before it wrote them
      reject(input, rejected(input, rules, model), rejects);
    }
    long before = predictions.rows();
    if (before + rejects.rows() == 0 && !input.rows().isEmpty()) {
      throw new DataRefusedException(
          "The rows of %s at version %s were scored by version %d of %s before, but %s no longer has them: they were deleted since. Set scoring.attempt to %d to score them again."
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

  private static long rows(Observation seen, ScoringInput input) {
    try {
      // Spark 4.1 observes nothing when it creates a table of the catalog
      return seen.getAsJava().get("rows") instanceof Long rows ? rows : input.rows().count();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the rows were counted", e);
    }
  }

  private static void reject(ScoringInput input, Dataset<Row> rows, ScoringTable rejects) {
    if (rejects.exists() || !rows.isEmpty()) {
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
    Map<String, Long> byRule = new LinkedHashMap<>();
    Map<String, String> examples = new HashMap<>();
    for (Row rule : any ? rejects.byRule() : List.<Row>of()) {
      byRule.put(rule.getString(0), rule.getLong(1));
      examples.put(rule.getString(0), SafeText.line(rule.getString(2)));
    }
    ScoredTable result =
        new ScoredTable(
            outcome,
            table,
            any ? Optional.of(rejects.table()) : Optional.empty(),
            scored,
            byRule,
            examples);
    if (result.read() != read) {
      throw new IllegalStateException(
          "Rows were lost: %d read, but %d scored and %d rejected"
              .formatted(read, scored, result.rejectedRows()));
    }
    return result;
  }

  /**
   * Checks what was scored against the limit of the settings.
   *
   * @throws DataRefusedException if more rows are rejected than {@code
   *     scoring.max-rejected-fraction} allows, or all
   */
  public void requireFew(ScoredTable scored) {
    long read = scored.read();
    double fraction = read == 0 ? 0.0 : (double) scored.rejectedRows() / read;
    if (fraction > settings.maxRejectedFraction() || (read > 0 && scored.scored() == 0)) {
      throw new DataRefusedException(
          String.format(
              Locale.ROOT,
              "Rejected %d of %d rows (%.1f %%; limit %.1f %%): %s. See table %s. The other %d rows are scored, in %s: score the corrected rows from a file of their own, or raise scoring.max-rejected-fraction if so many are expected.",
              scored.rejectedRows(),
              read,
              100 * fraction,
              100 * settings.maxRejectedFraction(),
              scored.rejections(),
              settings.rejectedTable(),
              scored.scored(),
              settings.table()));
    }
  }

  private List<String> kept(ScoringInput input, ScoringTable predictions) {
    List<String> has = input.columns();
    List<String> kept = settings.columns().isEmpty() ? has : settings.columns();
    List<String> missing = kept.stream().filter(name -> !has.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw new DataRefusedException(
          "scoring.columns has %s, which %s lacks; it has %s."
              .formatted(missing, input.location(), has));
    }
    List<String> taken = predictions.taken(kept);
    if (!taken.isEmpty()) {
      throw new DataRefusedException(
          "%s has the columns %s, but the table of predictions uses these names for other values; name the other columns in scoring.columns."
              .formatted(input.location(), taken));
    }
    return kept;
  }

  /** All columns of the input, and those of the signature in its types. */
  private static Column[] typed(ScoringInput input, RowRules rules) {
    List<String> inputs = rules.signature().inputs().stream().map(in -> in.name()).toList();
    Stream<Column> others =
        input.columns().stream()
            .filter(name -> !inputs.contains(name))
            .map(name -> col(Columns.quoted(name)));
    return Stream.concat(others, rules.values()).toArray(Column[]::new);
  }

  /** The rows without a prediction, each with the reason and as stored. */
  private static Dataset<Row> rejected(ScoringInput input, RowRules rules, ScoringModel model) {
    Column stored = input.stored().as(ROW);
    Dataset<Row> unsound =
        input.rows().filter(not(rules.sound())).select(rules.refusal().as(TextRow.REFUSAL), stored);
    Column[] asked = Stream.concat(Stream.of(stored), rules.values()).toArray(Column[]::new);
    Dataset<Row> unanswered =
        model
            .model()
            .predict(input.rows().filter(rules.sound()).select(asked), "_prediction")
            .filter(not(coalesce(RowRefusal.isFinite(col("_prediction")), lit(false))))
            .select(RowRules.notFinite(col("_prediction")).as(TextRow.REFUSAL), col(ROW));
    return unsound.union(unanswered).select(TextRow.REFUSAL + ".*", ROW);
  }
}
