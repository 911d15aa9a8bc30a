package winequality.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import winequality.data.profile.Histogram;
import winequality.metrics.ErrorProfile;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.Interval;
import winequality.metrics.LabelErrors;
import winequality.metrics.LabelledPrediction;

class ReportPageTest {

  private final String page =
      ReportPage.decided(new ReportPage(Reports.report()).html(), Reports.decision().orElseThrow());

  @Test
  void nothingIsFetchedAndNothingRuns() {
    assertThat(page)
        .startsWith("<!doctype html>")
        .doesNotContain("<script", "<link", "<iframe", "@import", "url(", "javascript:");
    Matcher sources = Pattern.compile("(?:src|srcset|href)=\"([^\"]{0,40})").matcher(page);
    int images = 0;
    while (sources.find()) {
      assertThat(sources.group(1)).startsWith("data:image/png;base64,");
      images++;
    }
    // four plots, each for the light and the dark page
    assertThat(images).isEqualTo(8);
  }

  @Test
  void namesOutOfTheDataAreTextEverywhere() {
    assertThat(page)
        .doesNotContain("<script>", "<b>", "<i>", "<better>", "<houses>")
        .contains(
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &#39;ä&#39; &amp; co",
            "k€ &lt;i&gt;",
            "no &lt;better&gt; &amp; no worse");
  }

  @Test
  void everyElementThatIsOpenedIsClosed() {
    Matcher tags = Pattern.compile("<(/?)([a-z][a-z0-9]*)[^>]*>").matcher(page);
    java.util.Deque<String> open = new java.util.ArrayDeque<>();
    while (tags.find()) {
      if (List.of("meta", "img", "source", "br").contains(tags.group(2))) {
        continue;
      }
      if (tags.group(1).isEmpty()) {
        open.push(tags.group(2));
      } else {
        assertThat(open.pop()).isEqualTo(tags.group(2));
      }
    }
    assertThat(open).isEmpty();
  }

  @Test
  void whoeverCannotSeeItIsToldWhatThereIs() {
    assertThat(page).contains("<html lang=\"en\">", "<h1>", "<main>");
    Matcher images = Pattern.compile("<img [^>]*>").matcher(page);
    while (images.find()) {
      assertThat(images.group()).containsPattern("alt=\"[^\"]{20,}\"");
    }
    assertThat(page.split("<table").length - 1).isEqualTo(page.split("role=\"region\"").length - 1);
    Matcher headers = Pattern.compile("<th[ >][^>]*").matcher(page);
    while (headers.find()) {
      assertThat(headers.group()).contains("scope=");
    }
    Matcher ids = Pattern.compile(" id=\"([^\"]*)\"").matcher(page);
    List<String> seen = new java.util.ArrayList<>();
    while (ids.find()) {
      seen.add(ids.group(1));
    }
    assertThat(seen).doesNotHaveDuplicates();
  }

  @Test
  void noColumnIsWithoutAName() {
    assertThat(page).doesNotContainPattern("<th[^>]*></th>");
  }

  @Test
  void theFiguresThatMatterAreThere() {
    String text =
        page.replaceAll("<style>.*?</style>", " ")
            .replaceAll("<[^>]*>", " ")
            .replaceAll("\\s+", " ");
    assertThat(text)
        .contains("On 245 test rows that it was not fitted to, the model has an RMSE of 0.6000;")
        .contains("RMSE (95 %) 0.6000 0.5500 to 0.6600")
        .contains("RMSE 0.6000 0.5500 to 0.6600 0.5000")
        .contains("difference −0.2000 −0.3000 to −0.1000")
        .contains("R² 0.4000 0.3300 to 0.4600")
        .contains("2.100 to 4 100 0.5000 0.4000 −0.3000")
        .contains("3 of 1,003 rows (0.3 %) were refused")
        .contains("-not-a-number 3 0.3 %")
        .contains("train 755 75.5 %")
        .contains("Gate: rejected rejected against version 7: no")
        .contains("rmse failed 0.01000 0")
        // 1.5 · 0.4 / 0.5, the deviation of the label over the train rows being the baseline 0.8
        .contains("&amp; co m² 1.500 0.7500")
        .contains("No standard errors: the penalty is 0.01.");
  }

  @Test
  void aModelThatPredictsTheMeanIsCalledThat() {
    assertThat(new ReportPage(Reports.report(new Interval(0, 0, 0), Map.of())).html())
        .contains("The penalty removed every column");
  }

  @Test
  void aConstantLabelIsNotBlamedOnThePenalty() {
    HoldoutEvaluation constant =
        Reports.evaluation(Reports.side(755, 0.0, 0.0), Reports.side(245, 0.0, 0.0));
    assertThat(Remarks.of(Reports.report(new Interval(0, 0, 0), Map.of(), constant).results()))
        .anyMatch(remark -> remark.startsWith("Every train row has the same price"))
        .noneMatch(remark -> remark.contains("penalty"));
  }

  @Test
  void pointsThatStandForOthersOrAreMovedAreSaidToBe() {
    List<LabelErrors> grades =
        List.of(
            new LabelErrors(3, 3, 100, 0, 0.4, 0.5),
            new LabelErrors(5, 5, 200, 0, 0.4, 0.5),
            new LabelErrors(6, 6, 200, 0, 0.4, 0.5));
    List<LabelledPrediction> sample = Reports.intervals(new Interval(0, 0, 0), 400).sample();
    Histogram inside = Reports.errors().residuals();
    List<Long> counts = new ArrayList<>(inside.counts());
    counts.set(0, 3L);

    assertThat(new ReportPage(Reports.report()).plots())
        .extracting(Plot::note)
        .containsExactly("", "", "", "");
    assertThat(
            new TrainingPlots("grade")
                .of(sample, new ErrorProfile(grades, new Histogram(inside.edges(), counts))))
        .extracting(Plot::note)
        .containsExactly(
            "400 of 500 test rows, drawn by chance among those with different features. Points are"
                + " moved sideways by up to 0.1500, so that equal grades do not hide each other.",
            "Rows beyond −5 and 5 are counted in the outermost bins.",
            "400 of 500 test rows, drawn by chance among those with different features.",
            "");
    assertThat(
            new TrainingPlots("grade")
                .of(sample.subList(0, 1), new ErrorProfile(grades.subList(0, 1), inside)))
        .first()
        .extracting(Plot::note)
        .asString()
        .startsWith("1 of 100 test rows");
  }

  @Test
  void aGainThatChanceMayExplainIsCalledThat() {
    assertThat(
            new ReportPage(Reports.report(new Interval(-0.01, -0.04, 0.02), Map.of("rooms", 1.0)))
                .html())
        .contains("do not show that the model is better than predicting the mean");
  }

  @Test
  void theImagesAreTheSameSizeHoweverTheyAreDrawn() throws IOException {
    for (Plot plot : new ReportPage(Reports.report()).plots()) {
      for (Theme theme : Theme.values()) {
        var image = ImageIO.read(new ByteArrayInputStream(plot.png(theme).orElseThrow()));
        assertThat(image.getWidth()).isEqualTo(Plot.WIDTH);
        assertThat(image.getHeight()).isEqualTo(Plot.HEIGHT);
      }
    }
  }

  @Test
  void aMachineThatCannotDrawStillGetsThePage() {
    Plot broken =
        new Plot(
            "broken",
            "t",
            "a",
            "",
            theme -> {
              throw new InternalError("no fonts");
            });
    assertThat(broken.png(Theme.LIGHT)).isEmpty();
    assertThat(broken.png(Theme.DARK)).isEmpty();
  }
}
