package winequality.app.job;

import java.util.Collections;
import java.util.Map;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Chooses by the size of the data whether Spark compiles its queries or interprets them. Compiling
 * costs about 0.1 s per query, which little data never earns back.
 *
 * <p>If the session sets one of the two settings, nothing is chosen. Closing restores the session.
 */
public final class QueryCompilation implements AutoCloseable {

  /** Bytes of data up to which a training is faster without compiled queries. */
  static final long LITTLE = 32L << 20;

  private static final Map<String, String> INTERPRETED =
      Map.of(
          "spark.sql.codegen.wholeStage", "false", "spark.sql.codegen.factoryMode", "NO_CODEGEN");

  private static final Logger LOG = LoggerFactory.getLogger(QueryCompilation.class);

  private final RuntimeConfig conf;
  private final boolean mayChoose;

  public QueryCompilation(SparkSession spark) {
    this.conf = spark.conf();
    this.mayChoose =
        Collections.disjoint(
            INTERPRETED.keySet(), CollectionConverters.asJava(conf.getAll()).keySet());
  }

  /** Chooses for the queries from now on. */
  public void dataHas(long bytes) {
    if (!mayChoose) {
      return;
    }
    try {
      if (bytes <= LITTLE) {
        INTERPRETED.forEach(conf::set);
      } else {
        INTERPRETED.keySet().forEach(conf::unset);
      }
    } catch (Exception e) {
      // a platform may forbid these settings; the job then only takes longer
      LOG.debug("Spark compiles its queries", e);
    }
  }

  @Override
  public void close() {
    dataHas(Long.MAX_VALUE);
  }
}
