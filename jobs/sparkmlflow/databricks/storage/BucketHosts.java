package sparkmlflow.databricks.storage;

import java.net.URI;

/**
 * URL templates of cloud buckets, with {@code {bucket}} and {@code {region}} to be filled in;
 * {@code anywhere} reports the region of any S3 bucket.
 */
public record BucketHosts(String anywhere, String s3, String google) {

  /**
   * The public clouds. With an empty region, S3's global endpoint is asked for a bucket's region.
   */
  public static BucketHosts of(String region) {
    return new BucketHosts(
        "https://s3." + (region.isEmpty() ? "" : region + ".") + "amazonaws.com/{bucket}",
        "https://s3.{region}.amazonaws.com/{bucket}",
        "https://storage.googleapis.com/{bucket}");
  }

  public URI anywhereOf(String bucket) {
    return URI.create(anywhere.replace("{bucket}", bucket));
  }

  public URI s3(String bucket, String region) {
    return URI.create(s3.replace("{bucket}", bucket).replace("{region}", region));
  }

  public URI google(String bucket) {
    return URI.create(google.replace("{bucket}", bucket));
  }
}
