package winequality.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HtmlTest {

  private static final String NASTY = "<b>&\"'</b>";
  private static final String HARMLESS = "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;";

  @Test
  void textAndAttributesAreNoMarkup() {
    assertThat(Html.element("p", Html.attributes("title", NASTY), Html.text(NASTY)))
        .hasToString("<p title=\"" + HARMLESS + "\">" + HARMLESS + "</p>");
  }

  @Test
  void invisibleCharactersAreShown() {
    assertThat(Html.element("p", "a\0\u001b\u0085\u202e\u2066\n\tb"))
        .hasToString("<p>a\\u0000\\u001b\\u0085\\u202e\\u2066\n\tb</p>");
  }

  @Test
  void piecesAreNotEscapedTwice() {
    assertThat(Html.element("ul", Html.of(Html.element("li", "a < b"), Html.element("li", "c"))))
        .hasToString("<ul><li>a &lt; b</li><li>c</li></ul>");
  }

  @Test
  void elementsWithoutContentAreNotClosed() {
    assertThat(Html.element("img", Html.attributes("alt", "x"))).hasToString("<img alt=\"x\">");
    assertThatThrownBy(() -> Html.element("img", Html.text("x")))
        .hasMessage("<img> cannot have content");
  }

  @Test
  void namesCannotCarryMarkup() {
    assertThatThrownBy(() -> Html.element("p onload=x"))
        .hasMessage("\"p onload=x\" is not a valid element name");
    assertThatThrownBy(() -> Html.element("p", Html.attributes("a\"b", "x")))
        .hasMessage("\"a\"b\" is not a valid attribute name");
    assertThatThrownBy(() -> Html.style("</style><script>")).hasMessageContaining("</");
  }
}
