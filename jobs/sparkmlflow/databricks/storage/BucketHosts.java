package sparkmlflow.databricks.storage;

import java.net.URI;

/**
 * Where the clouds' buckets are. {@code {bucket}} and {@code {region}} stand for those of one.
 *
 * @param anywhere an address of S3 that says a bucket's region, whichever that is
 * @param s3 where a bucket of S3 answers
 * @param google where a bucket of Google Cloud Storage answers
 */
public record BucketHosts(String anywhere, String s3, String google) {

  /**
   * Those of the clouds.
   *
   * @param region of AWS whose S3 is asked where a bucket is; blank: the one of all regions
   */
  public static BucketHosts of(String region) {
    return new BucketHosts(
        "https://s3." + (region.isEmpty() ? "" : region + ".") + "amazonaws.com/{bucket}",
        "https://s3.{region}.amazonaws.com/{bucket}",
        "https://storage.googleapis.com/{bucket}");
  }

  public URI anywhereOf(String bucket) {
    return filled(anywhere, bucket, "");
  }

  public URI s3(String bucket, String region) {
    return filled(s3, bucket, region);
  }

  public URI google(String bucket) {
    return filled(google, bucket, "");
  }

  private static URI filled(String host, String bucket, String region) {
    return URI.create(host.replace("{bucket}", bucket).replace("{region}", region));
  }
}
