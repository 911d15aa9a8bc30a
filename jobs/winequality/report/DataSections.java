package winequality.report;

import static winequality.report.Figures.count;
import static winequality.report.Figures.number;
import static winequality.report.Figures.percent;
import static winequality.report.Html.attributes;
import static winequality.report.Html.element;
import static winequality.report.Html.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import winequality.data.RowCounts;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.Histogram;
import winequality.data.profile.TableProfile;
import winequality.metrics.HoldoutEvaluation;
import winequality.record.TrainingRecord;

/** The sections of the page about the data: where the rows went and how the columns look. */
final class DataSections {

  private static final double WIDTH = 120;
  private static final double HEIGHT = 28;

  /** Levels of a category that the table names. */
  private static final int MOST_LEVELS = 8;

  /** Share of the whole range below which a bin is a single value. */
  private static final double NO_WIDTH = 1e-9;

  private final TrainingReport report;
  private final TrainingRecord results;

  DataSections(TrainingReport report) {
    this.report = report;
    this.results = report.results();
  }

  Html rows() {
    IngestedTable table = results.table();
    String label = results.dataset().label();
    String unit = results.labelUnit();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("source", report.source());
    facts.put("table", table.accepted().location());
    facts.put("version", String.valueOf(table.accepted().version()));
    facts.put("label", unit.isEmpty() ? label : label + " (" + unit + ")");
    facts.put("features", String.join(", ", results.dataset().features()));
    facts.put("alpha", String.valueOf(results.learning().elasticNetParam()));
    facts.put("lambda", String.valueOf(results.learning().regParam()));
    facts.put("standardised", results.learning().standardization() ? "yes" : "no");
    facts.put("solver", results.learning().solver());
    facts.put("loss", results.learning().loss());
    facts.put("train rows", results.holdout().trainSql());

    TableProfile profile = results.profile();
    HoldoutEvaluation evaluation = results.evaluation();
    long accepted = evaluation.train().rows() + evaluation.test().rows();
    List<List<Html>> rows = new ArrayList<>();
    List<List<Html>> refused = new ArrayList<>();
    // the counts are missing if the settings chose an older version of the table
    if (table.counts().isPresent()) {
      RowCounts counts = table.counts().get();
      long read = counts.read();
      rows.add(share("read", read, read));
      rows.add(share("refused (quarantine)", counts.quarantined(), read));
      rows.add(share("accepted", counts.accepted(), read));
      table
          .quarantinedByRule()
          .forEach(
              (rule, sum) -> {
                List<Html> row = new ArrayList<>(share(rule, sum, read));
                row.add(text(String.valueOf(table.examples().get(rule))));
                refused.add(row);
              });
    }
    rows.add(share("in the table", profile.rows(), profile.rows()));
    rows.add(share("of these equal to another", profile.duplicates(), profile.rows()));
    rows.add(share("train", evaluation.train().rows(), accepted));
    rows.add(share("test", evaluation.test().rows(), accepted));
    String broken =
        "Refused rows by the rule they broke"
            + table.quarantine().map(found -> ", in " + found.location()).orElse("");
    return ReportPage.section(
        "data",
        "Data",
        Tables.facts("What was trained on what", facts),
        Tables.of("Where the rows went", List.of("which", "rows", "share"), rows),
        refused.isEmpty()
            ? Html.nothing()
            : Tables.of(broken, List.of("rule", "rows", "share", "example"), refused));
  }

  private static List<Html> share(String name, long rows, long whole) {
    return Tables.row(name, count(rows), percent(rows, whole));
  }

  Html profile() {
    String title = "The %s rows of the table".formatted(count(results.profile().rows()));
    List<String> columns =
        List.of("column|distribution|min|25 %|median|75 %|max|mean|sd|nulls".split("\\|", -1));
    List<List<Html>> rows = results.profile().columns().stream().map(DataSections::column).toList();
    return ReportPage.section("profile", "Columns", Tables.of(title, columns, rows));
  }

  private static List<Html> column(ColumnProfile column) {
    return List.of(
        Tables.columnName(column.name(), column.unit()),
        column.levels().isEmpty() ? histogram(column) : levels(column),
        text(number(column.min())),
        text(number(column.firstQuartile())),
        text(number(column.median())),
        text(number(column.thirdQuartile())),
        text(number(column.max())),
        text(number(column.mean())),
        text(number(column.standardDeviation())),
        text(count(column.nulls())));
  }

  /** The most frequent levels of a category with their shares. */
  private static Html levels(ColumnProfile column) {
    String shares =
        column.levelCounts().entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .limit(MOST_LEVELS)
            .map(
                level ->
                    "%s %s"
                        .formatted(
                            level.getKey().equals(ColumnProfile.UNKNOWN)
                                ? "(unknown)"
                                : level.getKey(),
                            percent(level.getValue(), column.count())))
            .collect(Collectors.joining(", "));
    int more = column.levels().size() - MOST_LEVELS;
    return text(more > 0 ? "%s and %d more levels".formatted(shares, more) : shares);
  }

  /** Bars whose areas are the counts, because the bins differ in width. */
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
    Html[] bars = new Html[densities.length];
    for (int i = 0; i < bars.length; i++) {
      double height = HEIGHT * densities[i] / highest;
      double x = (edges[i] - edges[0]) * scale;
      Map<String, String> bar = attributes("x", coordinate(x), "y", coordinate(HEIGHT - height));
      bar.put("width", coordinate((edges[i + 1] - edges[i]) * scale));
      bar.put("height", coordinate(height));
      bars[i] = element("rect", bar);
    }
    Map<String, String> attributes = attributes("class", "histogram");
    attributes.put("viewBox", "0 0 %.0f %.0f".formatted(WIDTH, HEIGHT));
    attributes.put("preserveAspectRatio", "none");
    attributes.put("role", "img");
    String range = number(column.min()) + " to " + number(column.max());
    attributes.put(
        "aria-label",
        "distribution of %s: from %s, median %s"
            .formatted(column.name(), range, number(column.median())));
    return element("svg", attributes, bars);
  }

  /** If the last bin is the largest value alone, it gets the width of its neighbour. */
  private static double[] drawnEdges(Histogram histogram) {
    double[] edges = histogram.edges().stream().mapToDouble(Double::doubleValue).toArray();
    int last = edges.length - 1;
    double width = edges[last] - edges[last - 1];
    if (width <= NO_WIDTH * (edges[last] - edges[0])) {
      edges[last] = last > 1 ? edges[last - 1] + (edges[last - 1] - edges[last - 2]) : edges[0] + 1;
    }
    return edges;
  }

  static String coordinate(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
