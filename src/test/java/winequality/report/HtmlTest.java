package winequality.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlTest {

  private static final String NASTY = "<b>&\"'</b>";
  private static final String HARMLESS = "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;";

  @Test
  void textAndAttributesAreNoMarkup() {
    assertThat(Html.element("p", Html.attribute("title", NASTY), Html.text(NASTY)))
        .hasToString("<p title=\"" + HARMLESS + "\">" + HARMLESS + "</p>");
  }

  @Test
  void piecesAreNotEscapedTwice() {
    assertThat(Html.element("ul", Html.of(Html.element("li", "a < b"), Html.element("li", "c"))))
        .hasToString("<ul><li>a &lt; b</li><li>c</li></ul>");
  }

  @Test
  void elementsWithoutContentAreNotClosed() {
    assertThat(Html.element("img", List.of(Html.attribute("alt", "x"))))
        .hasToString("<img alt=\"x\">");
    assertThatThrownBy(() -> Html.element("img", Html.text("x")))
        .hasMessage("<img> has no content");
  }

  @Test
  void namesCannotCarryMarkup() {
    assertThatThrownBy(() -> Html.element("p onload=x"))
        .hasMessageContaining("no name of an element");
    assertThatThrownBy(() -> Html.attribute("a\"b", "x"))
        .hasMessageContaining("no name of an attribute");
    assertThatThrownBy(() -> Html.style("</style><script>")).hasMessageContaining("</");
  }
}
