package winequality.app;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import winequality.app.job.JobContext;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.SparkJob;
import winequality.data.describe.TableDescriber;

/** Prints a description of a table that nobody has described yet; writes nothing. */
public final class DescriptionJob implements SparkJob {

  @Parameters(
      paramLabel = "SOURCE",
      description = "A CSV file, folder or pattern, Parquet, or a Delta table (path or name).")
  private String source = "";

  @Option(
      names = "--label",
      paramLabel = "NAME",
      description = "The column to predict, by its name in the source; default: the last number.")
  private @Nullable String label;

  public static void main(String[] args) {
    JobRunner.main("describe", new DescriptionJob(), args);
  }

  @Override
  public Optional<Object> options() {
    return Optional.of(this);
  }

  @Override
  public void rehearse(JobContext context) {
    run(context);
  }

  @Override
  public JobStatus run(JobContext context) {
    TableDescriber describer =
        new TableDescriber(context.spark(), context.settings().data().maxQuarantineFraction());
    System.out.print(
        context.measure("data", () -> describer.describe(source, Optional.ofNullable(label))));
    return JobStatus.DESCRIBED;
  }
}
