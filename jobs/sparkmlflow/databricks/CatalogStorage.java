package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.databricks.storage.AwsSignature;
import sparkmlflow.databricks.storage.AzureDataLake;
import sparkmlflow.databricks.storage.BucketHosts;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.databricks.storage.VendedBucket;
import sparkmlflow.databricks.storage.VendedLake;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.Secrets;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * Opens the storage where a catalog keeps a version's files: the customer's storage on Azure, AWS
 * or Google Cloud, with the credentials that the catalog vends.
 *
 * <p>The form and use of the credentials follow MLflow 3.17.2 ({@code
 * utils/_unity_catalog_utils.py}).
 */
public final class CatalogStorage {
  private final StorageCalls storage;
  private final PartSizes sizes;
  private final BucketHosts hosts;
  private final Secrets secrets;
  private final Transfers transfers;

  public CatalogStorage(
      StorageCalls storage,
      PartSizes sizes,
      BucketHosts hosts,
      Secrets secrets,
      Transfers transfers) {
    this.storage = storage;
    this.sizes = sizes;
    this.hosts = hosts;
    this.secrets = secrets;
    this.transfers = transfers;
  }

  /**
   * The store at a location; empty if this class supports neither that nor its credentials.
   *
   * @param vended requests credentials; called again when they have expired
   */
  Optional<ArtifactStore> at(String owner, String location, Supplier<JsonNode> vended) {
    URI uri = URI.create(location);
    JsonNode first = vended.get();
    String scheme = uri.getScheme();
    String bucket = uri.getRawAuthority();
    if (scheme == null || bucket == null) {
      return Optional.empty();
    }
    String prefix = uri.getPath().replaceAll("^/+|/+$", "");
    if (scheme.equals("abfss") && !VendedLake.signature(first).isEmpty()) {
      AzureDataLake lake = new AzureDataLake(storage, sizes);
      return Optional.of(new VendedLake(owner, transfers, storage, lake, secrets, uri, vended));
    }
    URI address;
    VendedBucket.Login login;
    if (scheme.equals("s3") && first.hasNonNull("aws_temp_credentials")) {
      String region = region(owner, bucket);
      address = hosts.s3(bucket, region);
      login = (method, file) -> aws(owner, vended.get(), region, method, file);
    } else if (scheme.equals("gs") && first.hasNonNull("gcp_oauth_token")) {
      address = hosts.google(bucket);
      login = (method, file) -> google(owner, vended.get(), file);
    } else {
      return Optional.empty();
    }
    return Optional.of(new VendedBucket(owner, transfers, storage, address, prefix, login));
  }

  private SignedUrl aws(String owner, JsonNode vended, String region, String method, URI address) {
    JsonNode login = vended.path("aws_temp_credentials");
    String operation = "use the credentials for " + owner;
    AwsSignature signature =
        new AwsSignature(
            Answers.text(operation, login, "access_key_id"),
            Answers.text(operation, login, "secret_access_key"),
            Answers.text(operation, login, "session_token"),
            region);
    Map<String, String> headers = method.equals("PUT") ? encryption(operation, vended) : Map.of();
    return remembered(signature.signed(method, address, headers, Clock.systemUTC().instant()));
  }

  /** The encryption that the bucket's owner demands; empty if the catalog names none. */
  private static Map<String, String> encryption(String operation, JsonNode vended) {
    JsonNode details = vended.path("encryption_details").path("sse_encryption_details");
    return switch (details.path("algorithm").asText()) {
      case "AWS_SSE_S3" -> Map.of("x-amz-server-side-encryption", "AES256");
      case "AWS_SSE_KMS" ->
          Map.of(
              "x-amz-server-side-encryption",
              "aws:kms",
              "x-amz-server-side-encryption-aws-kms-key-id",
              Answers.text(operation, details, "aws_kms_key_arn"));
      default -> Map.of();
    };
  }

  private SignedUrl google(String owner, JsonNode vended, URI address) {
    JsonNode login = vended.path("gcp_oauth_token");
    String token = Answers.text("use the credentials for " + owner, login, "oauth_token");
    return remembered(new SignedUrl(address, Map.of("Authorization", "Bearer " + token)));
  }

  private SignedUrl remembered(SignedUrl url) {
    secrets.remember(url);
    return url;
  }

  /** The bucket's region. S3 reports it even to callers without read access. */
  private String region(String owner, String bucket) {
    String operation = "ask for the region of the bucket " + bucket + " with " + owner;
    SignedUrl url = new SignedUrl(hosts.anywhereOf(bucket), Map.of());
    return storage
        .header(operation, url, "x-amz-bucket-region")
        .orElseThrow(
            () ->
                MlflowException.refused(
                    operation, "S3 does not report it. Does the bucket exist?"));
  }
}
