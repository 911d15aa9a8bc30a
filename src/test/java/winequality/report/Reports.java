package winequality.report;

import elasticnet.CoefficientSignificance;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.split.Holdout;
import elasticnet.split.HoldoutSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import winequality.data.ColumnDescription;
import winequality.data.DatasetDescription;
import winequality.data.RowCounts;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.Histogram;
import winequality.data.profile.TableProfile;
import winequality.data.table.TableVersion;
import winequality.gate.GateCheck;
import winequality.gate.GateDecision;
import winequality.metrics.ErrorProfile;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.Interval;
import winequality.metrics.LabelErrors;
import winequality.metrics.LabelledPrediction;
import winequality.metrics.RegressionEvaluation;
import winequality.metrics.RegressionIntervals;
import winequality.record.TrainingRecord;

/** A training of a made-up table, whose column names are as bad as a CSV's header can make them. */
final class Reports {

  static final String NASTY = "<script>alert('x')</script> 'ä' & co";

  private Reports() {}

  static DatasetDescription dataset() {
    return new DatasetDescription(
        "houses <b>",
        List.of(
            new ColumnDescription(NASTY, "m²", 0, 1000),
            new ColumnDescription("rooms", "", 0, 100),
            new ColumnDescription("price", "k€ <i>", 0, 1e9)),
        "price");
  }

  static RegressionEvaluation side(long rows, double rmse, double baselineRmse) {
    return new RegressionEvaluation(
        rows, rmse, 0.8 * rmse, OptionalDouble.of(0.4), OptionalDouble.of(0.41), baselineRmse);
  }

  static RegressionIntervals intervals(Interval difference, int rows) {
    Random random = new Random(1);
    List<LabelledPrediction> sample =
        IntStream.range(0, rows)
            .mapToObj(
                i -> {
                  double label = 5 + random.nextGaussian();
                  return new LabelledPrediction(label, label + 0.6 * random.nextGaussian());
                })
            .toList();
    return new RegressionIntervals(
        0.95,
        300,
        new Interval(0.6, 0.55, 0.66),
        new Interval(0.48, 0.45, 0.52),
        Optional.of(new Interval(0.4, 0.33, 0.46)),
        difference,
        sample);
  }

  static ErrorProfile errors() {
    List<Double> edges = IntStream.rangeClosed(-25, 25).mapToObj(i -> 0.2 * i).toList();
    List<Long> counts = new ArrayList<>(Collections.nCopies(50, 0L));
    for (int i = 20; i < 30; i++) {
      counts.set(i, (long) i);
    }
    return new ErrorProfile(
        List.of(
            new LabelErrors(2.1, 4.0, 100, -0.3, 0.4, 0.5),
            new LabelErrors(4.01, 9.7, 145, 0.2, 0.5, 0.7)),
        new Histogram(edges, counts));
  }

  static ColumnProfile column(String name, String unit, Histogram histogram) {
    return new ColumnProfile(
        name,
        unit,
        histogram.counts().stream().mapToLong(Long::longValue).sum(),
        0,
        histogram.edges().get(0),
        histogram.edges().get(histogram.edges().size() - 1),
        4,
        1,
        3,
        4,
        5,
        0,
        histogram,
        List.of());
  }

  static Optional<GateDecision> decision() {
    return Optional.of(
        new GateDecision.Reject(
            new GateDecision.Grounds(
                Optional.of("7"),
                List.of(new GateCheck("rmse", 0.01, 0.0, false, "no <better> & no worse")))));
  }

  static TrainingReport report() {
    return report(new Interval(-0.2, -0.3, -0.1), Map.of(NASTY, 1.5, "rooms", -0.25));
  }

  static TrainingReport report(Interval difference, Map<String, Double> byName) {
    return report(difference, byName, evaluation(side(755, 0.5, 0.8), side(245, 0.6, 0.8)));
  }

  static HoldoutEvaluation evaluation(RegressionEvaluation train, RegressionEvaluation test) {
    return new HoldoutEvaluation(
        train, test, 5.0, Map.of(NASTY, 10.0, "rooms", 3.3), Map.of(NASTY, 0.4, "rooms", 1.6));
  }

  static TrainingReport report(
      Interval difference, Map<String, Double> byName, HoldoutEvaluation evaluation) {
    Map<String, Double> coefficients = new LinkedHashMap<>();
    coefficients.put(NASTY, byName.getOrDefault(NASTY, 0.0));
    coefficients.put("rooms", byName.getOrDefault("rooms", 0.0));
    TrainingRecord record =
        new TrainingRecord(
            dataset(),
            new LearningSettings(
                0.01, 0.5, false, true, 100, 1e-6, "normal", "squaredError", 1.35, 2),
            new IngestedTable(
                new TableVersion("/tables/houses&co", 3),
                Optional.of(new TableVersion("/tables/quarantine", 1)),
                Optional.of(new RowCounts(1003, 1000, 3)),
                Map.of(NASTY + "-not-a-number", 3L),
                Map.of(NASTY + "-not-a-number", "a.csv, line 7: " + NASTY + " is \"<b>\"")),
            new TableProfile(
                1000,
                7,
                List.of(
                    column(
                        NASTY,
                        "m²",
                        new Histogram(List.of(0.0, 1.0, 2.0, 10.0), List.of(400L, 400L, 200L))),
                    column(
                        "rooms",
                        "",
                        new Histogram(
                            List.of(1.0, 2.0, 3.0, Math.nextUp(3.0)), List.of(100L, 700L, 200L))),
                    column("price", "k€ <i>", new Histogram(List.of(5.0, 5.0), List.of(1000L))))),
            new Holdout("hash(`" + NASTY + "`) < 7", new HoldoutSettings(0.75, 42)),
            new FittedElasticNet(
                new PipelineModel("pipeline", new Transformer[0]),
                5.5,
                coefficients,
                List.of(),
                0.5),
            new CoefficientSignificance.Untested("the penalty is 0.01"),
            evaluation,
            intervals(difference, 245));
    return new TrainingReport(
        record,
        "s3a://bucket/<houses>.csv",
        errors(),
        Optional.empty(),
        Map.of("run", "http://127.0.0.1/?a=1&b=\"2\""),
        Instant.EPOCH);
  }
}
