package sparkmlflow.databricks.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sparkmlflow.wire.SignedUrl;

/** Signatures are those of botocore ({@code golden/aws-signatures.py}). */
public class AwsSignatureTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode golden() throws IOException {
    return JSON.readTree(Path.of("src/test/resources/golden/aws-signatures.json").toFile());
  }

  static Stream<JsonNode> cases() throws IOException {
    return StreamSupport.stream(golden().path("cases").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anAddressIsSignedAsBotocoreSignsIt(JsonNode golden) throws IOException {
    Map<String, String> headers = new HashMap<>();
    golden
        .path("headers")
        .properties()
        .forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
    JsonNode login = golden.path("login");
    AwsSignature signature =
        new AwsSignature(
            login.get(0).asText(),
            login.get(1).asText(),
            login.get(2).asText(),
            golden.path("region").asText());
    SignedUrl signed =
        signature.signed(
            golden.path("method").asText(),
            URI.create(golden.path("address").asText()),
            headers,
            OffsetDateTime.parse(golden().path("now").asText()).toInstant());
    URI wanted = URI.create(golden.path("signed").asText());
    assertThat(signed.uri().toString().replaceAll("\\?.*", ""))
        .isEqualTo(golden.path("signed").asText().replaceAll("\\?.*", ""));
    assertThat(signed.uri().getRawQuery().split("&"))
        .containsExactlyInAnyOrder(wanted.getRawQuery().split("&"));
    assertThat(signed.headers()).isEqualTo(headers);
    assertThat(signature + " " + signed).doesNotContain("secret/", "session", "ASIA");
  }
}
