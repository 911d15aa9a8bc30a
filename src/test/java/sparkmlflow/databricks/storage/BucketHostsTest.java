package sparkmlflow.databricks.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class BucketHostsTest {

  @Test
  void aBucketIsInThePathSoThatDotsInItsNameDoNotMeetTheCertificate() {
    BucketHosts hosts = BucketHosts.of("");
    assertThat(hosts.anywhereOf("my.models"))
        .isEqualTo(URI.create("https://s3.amazonaws.com/my.models"));
    assertThat(hosts.s3("my.models", "eu-west-1"))
        .isEqualTo(URI.create("https://s3.eu-west-1.amazonaws.com/my.models"));
    assertThat(hosts.google("my.models"))
        .isEqualTo(URI.create("https://storage.googleapis.com/my.models"));
  }

  @Test
  void theRegionOfTheMachineIsAskedWhereItIsKnown() {
    assertThat(BucketHosts.of("eu-west-1").anywhereOf("models"))
        .isEqualTo(URI.create("https://s3.eu-west-1.amazonaws.com/models"));
  }
}
