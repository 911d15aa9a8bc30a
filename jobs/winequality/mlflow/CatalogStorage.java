package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds the way to where a catalog keeps a version's files: the customer's storage on Azure, AWS or
 * Google Cloud with the credentials that the catalog vends. Any other storage is the Files API's.
 *
 * <p>What is vended, and how it is used, is read from MLflow 3.17.2 ({@code
 * utils/_unity_catalog_utils.py}).
 */
final class CatalogStorage {

  private final StorageCalls storage;
  private final PartSizes sizes;
  private final BucketHosts hosts;
  private final Secrets secrets;
  private final Transfers transfers;

  CatalogStorage(
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
    return place(owner, URI.create(location), vended.get(), vended)
        .map(place -> new VendedStore(storage, transfers, owner, place));
  }

  private Optional<VendedPlace> place(
      String owner, URI location, JsonNode first, Supplier<JsonNode> vended) {
    if (location.getScheme() == null || location.getRawAuthority() == null) {
      return Optional.empty();
    }
    String bucket = location.getRawAuthority();
    String prefix = location.getPath().replaceAll("^/+|/+$", "");
    return switch (location.getScheme()) {
      case "abfss" ->
          VendedLake.signature(first).isEmpty()
              ? Optional.empty()
              : Optional.of(
                  new VendedLake(new AzureDataLake(storage, sizes), secrets, location, vended));
      case "s3", "s3a" -> {
        if (!first.hasNonNull("aws_temp_credentials")) {
          yield Optional.empty();
        }
        String region = region(owner, bucket);
        yield Optional.of(
            new VendedBucket(
                storage,
                hosts.s3(bucket, region),
                prefix,
                (method, address) -> aws(vended.get(), region, method, address)));
      }
      case "gs" ->
          first.hasNonNull("gcp_oauth_token")
              ? Optional.of(
                  new VendedBucket(
                      storage,
                      hosts.google(bucket),
                      prefix,
                      (method, address) -> google(vended.get(), address)))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private SignedUrl aws(JsonNode vended, String region, String method, URI address) {
    JsonNode login = vended.path("aws_temp_credentials");
    SignedUrl url =
        new AwsSignature(
                login.path("access_key_id").asText(),
                login.path("secret_access_key").asText(),
                login.path("session_token").asText(),
                region)
            .signed(
                method,
                address,
                method.equals("PUT") ? encryption(vended) : Map.of(),
                Clock.systemUTC().instant());
    secrets.remember(url);
    return url;
  }

  /** How the bucket's owner wants files to be encrypted, where the catalog says so. */
  private static Map<String, String> encryption(JsonNode vended) {
    JsonNode details = vended.path("encryption_details").path("sse_encryption_details");
    Map<String, String> headers = new HashMap<>();
    switch (details.path("algorithm").asText()) {
      case "AWS_SSE_S3" -> headers.put("x-amz-server-side-encryption", "AES256");
      case "AWS_SSE_KMS" -> {
        headers.put("x-amz-server-side-encryption", "aws:kms");
        headers.put(
            "x-amz-server-side-encryption-aws-kms-key-id",
            details.path("aws_kms_key_arn").asText());
      }
      default -> {}
    }
    return headers;
  }

  private SignedUrl google(JsonNode vended, URI address) {
    SignedUrl url =
        new SignedUrl(
            address,
            Map.of(
                "Authorization",
                "Bearer " + vended.path("gcp_oauth_token").path("oauth_token").asText()));
    secrets.remember(url);
    return url;
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
