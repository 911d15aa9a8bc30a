package winequality.report;

import static winequality.report.Html.attribute;
import static winequality.report.Html.css;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import winequality.data.ingest.RowCounts;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.Histogram;
import winequality.data.profile.TableProfile;
import winequality.metrics.HoldoutEvaluation;

/** The parts of the page that tell of the data: where each row went, what the columns look like. */
final class DataSections {

  private static final double WIDTH = 120;
  private static final double HEIGHT = 28;

  /** Share of the whole range below which a bin is a single value. */
  private static final double NO_WIDTH = 1e-9;

  private final TrainingReport report;

  DataSections(TrainingReport report) {
    this.report = report;
  }

  /** Of the source; there is none if an older version of the table was chosen. */
  private Stream<List<Html>> takenIn(RowCounts counts) {
    return Stream.of(
        share("read", counts.read(), counts.read()),
        share("refused (quarantine)", counts.quarantined(), counts.read()),
        share("accepted", counts.accepted(), counts.read()));
  }

  /** What was trained on what, and where every row went. */
  Html rows() {
    TableProfile profile = report.profile();
    HoldoutEvaluation evaluation = report.evaluation();
    long accepted = evaluation.train().rows() + evaluation.test().rows();
    List<Html> content = new ArrayList<>();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("source", report.source());
    facts.put("table", report.table().accepted().location());
    facts.put("version", String.valueOf(report.table().accepted().version()));
    facts.put("label", named(report.dataset().label(), report.labelUnit()));
    facts.put("features", String.join(", ", report.dataset().features()));
    facts.put("alpha", String.valueOf(report.learning().elasticNetParam()));
    facts.put("lambda", String.valueOf(report.learning().regParam()));
    facts.put("standardised", report.learning().standardization() ? "yes" : "no");
    facts.put("solver", report.learning().solver());
    facts.put("loss", report.learning().loss());
    facts.put("train rows", report.holdout().trainSql());
    content.add(Tables.facts("What was trained on what", facts));
    content.add(
        Tables.of(
            "Where the rows went",
            List.of("", "rows", "share"),
            Stream.concat(
                    report.table().counts().stream().flatMap(this::takenIn),
                    Stream.of(
                        share("in the table", profile.rows(), profile.rows()),
                        share("of these equal to another", profile.duplicates(), profile.rows()),
                        share("train", evaluation.train().rows(), accepted),
                        share("test", evaluation.test().rows(), accepted)))
                .toList()));
    long read = report.table().counts().map(RowCounts::read).orElse(0L);
    if (!report.table().quarantinedByRule().isEmpty()) {
      content.add(
          Tables.of(
              "Refused rows by the rule they broke"
                  + report.table().quarantine().map(table -> ", in " + table.location()).orElse(""),
              List.of("rule", "rows", "share"),
              report.table().quarantinedByRule().entrySet().stream()
                  .map(rule -> share(rule.getKey(), rule.getValue(), read))
                  .toList()));
    }
    return ReportPage.section("data", "Data", Html.of(content));
  }

  private static String named(String name, String unit) {
    return unit.isEmpty() ? name : name + " (" + unit + ")";
  }

  private static List<Html> share(String name, long rows, long whole) {
    return Tables.row(name, Figures.count(rows), Figures.percent(rows, whole));
  }

  /** Each column with its distribution. */
  Html profile() {
    return ReportPage.section(
        "profile",
        "Columns",
        Tables.of(
            "The %s rows of the table".formatted(Figures.count(report.profile().rows())),
            List.of(
                "column",
                "distribution",
                "min",
                "25 %",
                "median",
                "75 %",
                "max",
                "mean",
                "sd",
                "nulls"),
            report.profile().columns().stream().map(DataSections::column).toList()));
  }

  private static List<Html> column(ColumnProfile column) {
    List<Html> cells =
        new ArrayList<>(
            List.of(Tables.columnName(column.name(), column.unit()), histogram(column)));
    for (double figure :
        new double[] {
          column.min(),
          column.firstQuartile(),
          column.median(),
          column.thirdQuartile(),
          column.max(),
          column.mean(),
          column.standardDeviation()
        }) {
      cells.add(text(Figures.number(figure)));
    }
    cells.add(text(Figures.count(column.nulls())));
    return cells;
  }

  /** Bars whose areas are the counts: the bins are not equally wide. */
  private static Html histogram(ColumnProfile column) {
    List<Long> counts = column.histogram().counts();
    if (counts.isEmpty()) {
      return text(Figures.MISSING);
    }
    double[] edges = drawnEdges(column.histogram());
    double[] densities =
        IntStream.range(0, counts.size())
            .mapToDouble(i -> counts.get(i) / (edges[i + 1] - edges[i]))
            .toArray();
    double highest = Arrays.stream(densities).max().orElseThrow();
    double scale = WIDTH / (edges[edges.length - 1] - edges[0]);
    List<Html> bars = new ArrayList<>();
    for (int i = 0; i < densities.length; i++) {
      double height = HEIGHT * densities[i] / highest;
      bars.add(
          element(
              "rect",
              List.of(
                  attribute("x", ModelSections.coordinate((edges[i] - edges[0]) * scale)),
                  attribute("y", ModelSections.coordinate(HEIGHT - height)),
                  attribute("width", ModelSections.coordinate((edges[i + 1] - edges[i]) * scale)),
                  attribute("height", ModelSections.coordinate(height)))));
    }
    String words =
        "distribution of %s: from %s to %s, median %s"
            .formatted(
                column.name(),
                Figures.number(column.min()),
                Figures.number(column.max()),
                Figures.number(column.median()));
    return element(
        "svg",
        List.of(
            css("histogram"),
            attribute("viewBox", "0 0 %.0f %.0f".formatted(WIDTH, HEIGHT)),
            attribute("preserveAspectRatio", "none"),
            attribute("role", "img"),
            attribute("aria-label", words)),
        Html.of(bars));
  }

  /**
   * The edges, with a width for a last bin that is the largest value alone: that of its neighbour.
   */
  private static double[] drawnEdges(Histogram histogram) {
    double[] edges = histogram.edges().stream().mapToDouble(Double::doubleValue).toArray();
    int last = edges.length - 1;
    double width = edges[last] - edges[last - 1];
    if (width <= NO_WIDTH * (edges[last] - edges[0])) {
      edges[last] = last > 1 ? edges[last - 1] + (edges[last - 1] - edges[last - 2]) : edges[0] + 1;
    }
    return edges;
  }
}
