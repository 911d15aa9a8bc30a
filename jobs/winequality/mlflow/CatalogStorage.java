package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds the way to where a catalog keeps a version's files: the customer's storage on Azure, AWS,
 * Google Cloud or R2 with the temporary login that the catalog lends.
 *
 * <p>What is lent and how it is used is read from MLflow 3.17.2 ({@code
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
   * @param lent asks for a temporary login; it is asked again when one has ended
   * @return empty if this way does not lead to such a location
   */
  Optional<ArtifactStore> at(String owner, String location, Supplier<JsonNode> lent) {
    return place(owner, URI.create(location), lent.get(), lent)
        .map(place -> new LentStore(storage, transfers, owner, place));
  }

  private Optional<LentPlace> place(
      String owner, URI location, JsonNode first, Supplier<JsonNode> lent) {
    if (location.getScheme() == null || location.getRawAuthority() == null) {
      return Optional.empty();
    }
    String bucket = location.getRawAuthority();
    String prefix = location.getPath().replaceAll("^/+|/+$", "");
    return switch (location.getScheme()) {
      case "abfss" ->
          LentLake.signature(first).isEmpty()
              ? Optional.empty()
              : Optional.of(
                  new LentLake(new AzureDataLake(storage, sizes), secrets, location, lent));
      case "s3", "s3a" -> {
        if (!first.hasNonNull("aws_temp_credentials")) {
          yield Optional.empty();
        }
        String region = region(owner, bucket);
        yield Optional.of(
            new LentBucket(
                storage,
                hosts.s3(bucket, region),
                prefix,
                (method, address) ->
                    aws(lent.get(), "aws_temp_credentials", region, method, address)));
      }
      case "r2" ->
          first.hasNonNull("r2_temp_credentials") && location.getRawUserInfo() != null
              ? Optional.of(
                  new LentBucket(
                      storage,
                      URI.create(WorkspaceHost.secured(location) + "/" + location.getRawUserInfo()),
                      prefix,
                      (method, address) ->
                          aws(lent.get(), "r2_temp_credentials", "auto", method, address)))
              : Optional.empty();
      case "gs" ->
          first.hasNonNull("gcp_oauth_token")
              ? Optional.of(
                  new LentBucket(
                      storage,
                      hosts.google(bucket),
                      prefix,
                      (method, address) -> google(lent.get(), address)))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private SignedUrl aws(JsonNode lent, String kind, String region, String method, URI address) {
    JsonNode login = lent.path(kind);
    SignedUrl url =
        new AwsSignature(
                login.path("access_key_id").asText(),
                login.path("secret_access_key").asText(),
                login.path("session_token").asText(),
                region)
            .signed(
                method,
                address,
                method.equals("PUT") ? encryption(lent) : Map.of(),
                Clock.systemUTC().instant());
    secrets.remember(url);
    return url;
  }

  /** How the bucket's owner wants files to be encrypted, where the catalog says so. */
  private static Map<String, String> encryption(JsonNode lent) {
    JsonNode details = lent.path("encryption_details").path("sse_encryption_details");
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

  private SignedUrl google(JsonNode lent, URI address) {
    SignedUrl url =
        new SignedUrl(
            address,
            Map.of(
                "Authorization",
                "Bearer " + lent.path("gcp_oauth_token").path("oauth_token").asText()));
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
