package testing;

import com.holdenkarau.spark.testing.JavaDataFrameSuiteBase;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/**
 * A Spark session with Delta for every test that extends this class, and the comparison of data
 * frames.
 *
 * <p>All test classes of a JVM share one session, since starting one takes longer than most tests.
 * A test therefore gives its tables and views names of their own and undoes what it sets in the
 * session. It may stop the session: the next test gets a new one. Files belong into a
 * {@code @TempDir}; what Spark itself writes stays below {@code target}.
 *
 * <p>Compiling the queries of a small table takes longer than running them. Spark therefore
 * interprets them, except in tests with the tag {@link #COMPILED}: those about numbers, scoring and
 * compiled expressions.
 *
 * <p>spark-testing-base is held rather than extended: its base class is {@link
 * java.io.Serializable}, so every subclass would need a serialVersionUID under {@code
 * -Xlint:serial}, and its hooks are JUnit 4's, which JUnit 5 does not call.
 */
public abstract class SparkTest {

  /** Tag of the tests whose queries Spark compiles, as it does outside the tests. */
  public static final String COMPILED = "compiled";

  private static final Path SCRATCH = newFolderBelowTarget();

  private static boolean compiled = true;

  private Suite suite = new Suite();

  @BeforeEach
  final void startSpark(TestInfo test) {
    compiled = test.getTags().contains(COMPILED);
    startSparkUnlessItRuns();
  }

  @AfterEach
  final void compileOutsideTheseTests() {
    compiled = true;
  }

  final void startSparkUnlessItRuns() {
    suite = started(suite);
  }

  /** The same session for what is static, such as a {@code @BeforeAll}. */
  public static SparkSession session() {
    return started(new Suite()).spark();
  }

  private static Suite started(Suite suite) {
    Suite running = suite;
    if (suite.sc() != null && suite.sc().isStopped()) {
      // The class would go on with the stopped context, and the object with its session.
      JavaDataFrameSuiteBase.runAfterClass();
      running = new Suite();
    }
    running.runBefore();
    running.spark().conf().set("spark.sql.codegen.wholeStage", compiled);
    running
        .spark()
        .conf()
        .set("spark.sql.codegen.factoryMode", compiled ? "FALLBACK" : "NO_CODEGEN");
    return running;
  }

  /**
   * The session of all tests in this JVM: two local cores, Delta's extension and catalog, no Hive,
   * no UI.
   */
  protected final SparkSession spark() {
    return suite.spark();
  }

  /**
   * Passes when both frames have the same schema (names, types, nullability, metadata) and the same
   * rows in the same order.
   *
   * <p>Doubles have to be equal as numbers, and NaN equals NaN. Timestamps are compared to the
   * millisecond only: cast them to long microseconds where less matters.
   *
   * @throws AssertionError if they differ; rows that do are printed to standard output
   */
  protected final void assertDataFrameEquals(Dataset<Row> expected, Dataset<Row> actual) {
    suite.assertDataFrameEquals(expected, actual);
  }

  /**
   * As {@link #assertDataFrameEquals}, but doubles and floats may differ by the tolerance, an
   * absolute one.
   *
   * @throws AssertionError if they differ; rows that do are printed to standard output
   */
  protected final void assertDataFrameApproximateEquals(
      Dataset<Row> expected, Dataset<Row> actual, double tolerance) {
    suite.assertDataFrameApproximateEquals(expected, actual, tolerance);
  }

  /**
   * As {@link #assertDataFrameEquals}, but the rows may stand in any order; each has to occur
   * equally often in both.
   *
   * @throws AssertionError if they differ
   */
  protected final void assertDataFrameNoOrderEquals(Dataset<Row> expected, Dataset<Row> actual) {
    suite.assertDataFrameNoOrderEquals(expected, actual);
  }

  private static final class Suite extends JavaDataFrameSuiteBase {
    private static final long serialVersionUID = 1L;

    @Override
    public SparkConf conf() {
      return super.conf()
          .setMaster("local[2]")
          .setAppName("wine quality tests")
          .set("spark.ui.enabled", "false")
          .set("spark.sql.shuffle.partitions", "2")
          .set("spark.databricks.delta.snapshotPartitions", "1")
          // VACUUM lists in as many tasks, 10,000 by default
          .set("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
          .set("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
          .set("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
          .set("spark.sql.warehouse.dir", localWarehousePath());
    }

    /**
     * False: the catalog is in memory, so that there is no Derby and no metastore_db, and starting
     * is quick.
     */
    @Override
    public boolean enableHiveSupport() {
      return false;
    }

    @Override
    public File tempDir() {
      return SCRATCH.toFile();
    }
  }

  /**
   * Where the warehouse lies: not in the folder that the build was started from, and new for each
   * JVM, since a table left there would be in the way of the next run, whose catalog does not know
   * it.
   */
  private static Path newFolderBelowTarget() {
    try {
      Path parent = Files.createDirectories(Path.of("target", "spark-tests").toAbsolutePath());
      return Files.createTempDirectory(parent, "jvm");
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for the tests' warehouse below target", e);
    }
  }
}
