package winequality.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CommentRecordTest {

  @Test
  void whatIsKeptBehindTheDescriptionIsReadBack() {
    CommentRecord record =
        new CommentRecord(
            "| a table |\n\n[wine-quality] not the mark",
            Map.of("champion", 3L),
            Map.of("k", "ü\n\"quoted\""));
    assertThat(CommentRecord.parse(record.text())).isEqualTo(record);
    assertThat(record.text()).startsWith(record.description());
  }

  @Test
  void aCommentByHandIsAllDescription() {
    for (String text : new String[] {"", "by hand", "x\n\n[wine-quality] {not json"}) {
      assertThat(CommentRecord.parse(text)).isEqualTo(new CommentRecord(text, Map.of(), Map.of()));
      assertThat(CommentRecord.parse(text).text()).isEqualTo(text);
    }
  }

  @Test
  void nothingIsAddedWhereNothingIsKept() {
    CommentRecord record = new CommentRecord("text", Map.of(), Map.of());
    assertThat(record.withAlias("a", 1).withoutAlias("a").text()).isEqualTo("text");
    assertThat(record.withTags(Map.of("k", "v")).withoutTag("k").text()).isEqualTo("text");
  }
}
