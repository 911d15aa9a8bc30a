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
 * Finds the way to where a catalog keeps a version's files: the customer's storage on Azure, AWS or
 * Google Cloud with the credentials that the catalog vends. Any other storage is the Files API's.
 *
 * <p>What is vended, and how it is used, is read from MLflow 3.17.2 ({@code
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
   * The store at a location, with paths relative to it.
   *
   * @param owner whose files they are, such as {@code version 7 of a.b.c}
   * @param vended asks for credentials; it is asked again when they have expired
   * @return empty if this way does not lead to such a location
   */
  Optional<ArtifactStore> at(String owner, String location, Supplier<JsonNode> vended) {
    return at(owner, URI.create(location), vended.get(), vended);
  }

  private Optional<ArtifactStore> at(
      String owner, URI location, JsonNode first, Supplier<JsonNode> vended) {
    if (location.getScheme() == null || location.getRawAuthority() == null) {
      return Optional.empty();
    }
    String bucket = location.getRawAuthority();
    String prefix = location.getPath().replaceAll("^/+|/+$", "");
    switch (location.getScheme()) {
      case "abfss" -> {
        return VendedLake.signature(first).isEmpty()
            ? Optional.empty()
            : Optional.of(
                new VendedLake(
                    owner,
                    transfers,
                    storage,
                    new AzureDataLake(storage, sizes),
                    secrets,
                    location,
                    vended));
      }
      case "s3" -> {
        if (!first.hasNonNull("aws_temp_credentials")) {
          return Optional.empty();
        }
        String region = region(owner, bucket);
        return Optional.of(
            bucket(
                owner,
                hosts.s3(bucket, region),
                prefix,
                (method, address) -> aws(owner, vended.get(), region, method, address)));
      }
      case "gs" -> {
        return first.hasNonNull("gcp_oauth_token")
            ? Optional.of(
                bucket(
                    owner,
                    hosts.google(bucket),
                    prefix,
                    (method, address) -> google(owner, vended.get(), address)))
            : Optional.empty();
      }
      default -> {
        return Optional.empty();
      }
    }
  }

  private ArtifactStore bucket(
      String owner, URI address, String prefix, VendedBucket.Login credentials) {
    return new VendedBucket(
        owner,
        transfers,
        storage,
        address,
        prefix,
        (method, file) -> {
          SignedUrl url = credentials.signed(method, file);
          secrets.remember(url);
          return url;
        });
  }

  private static SignedUrl aws(
      String owner, JsonNode vended, String region, String method, URI address) {
    JsonNode login = vended.path("aws_temp_credentials");
    String operation = "use the credentials for " + owner;
    return new AwsSignature(
            Answers.text(operation, login, "access_key_id"),
            Answers.text(operation, login, "secret_access_key"),
            Answers.text(operation, login, "session_token"),
            region)
        .signed(
            method,
            address,
            method.equals("PUT") ? encryption(operation, vended) : Map.of(),
            Clock.systemUTC().instant());
  }

  /** How the bucket's owner wants files to be encrypted, where the catalog says so. */
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

  private static SignedUrl google(String owner, JsonNode vended, URI address) {
    String token =
        Answers.text(
            "use the credentials for " + owner, vended.path("gcp_oauth_token"), "oauth_token");
    return new SignedUrl(address, Map.of("Authorization", "Bearer " + token));
  }

  /** S3 says it of every bucket, also to those who may not read it. */
  private String region(String owner, String bucket) {
    String operation = "ask for the region of the bucket " + bucket + " with " + owner;
    return storage
        .header(operation, new SignedUrl(hosts.anywhereOf(bucket), Map.of()), "x-amz-bucket-region")
        .orElseThrow(
            () ->
                MlflowException.refused(operation, "S3 does not say it; is there such a bucket?"));
  }
}
