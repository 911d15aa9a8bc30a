package sparkmlflow.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;
import sparkmlflow.model.ModelSignature.Column;
import sparkmlflow.model.staging.HadoopStagingFolder;
import testing.SparkTest;

class ModelFolderWriterTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/mlflow-spark-model");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static SparkSession spark;
  private static FittedModel model;

  private final Path temporary;

  ModelFolderWriterTest(@TempDir Path temporary) {
    this.temporary = temporary;
  }

  @BeforeAll
  static void fitOnce() {
    spark = SparkTest.session();
    model = ModelFixtures.model();
  }

  @Test
  void mlmodelSaysWhatPythonSays() throws Exception {
    ModelIdentity identity = ModelFixtures.identity();
    ModelFolder folder = bySpark().write(model, identity, temporary.resolve("out"));
    Map<String, Object> written = yaml(folder.directory().resolve("MLmodel"));
    Map<String, Object> golden = withoutNulls(yaml(GOLDEN.resolve("MLmodel")));
    map(map(golden, "flavors"), "spark").put("pyspark_version", spark.version());
    // held to Python's by OnnxFlavorTest
    assertThat(map(written, "flavors").remove("onnx")).isNotNull();

    assertThat(keys("", written)).isEqualTo(keys("", golden));
    assertThat(JSON.readTree((String) map(written, "signature").get("inputs")))
        .isEqualTo(JSON.readTree((String) map(golden, "signature").get("inputs")));
    assertThat(JSON.readTree((String) map(written, "signature").get("outputs")))
        .isEqualTo(JSON.readTree((String) map(golden, "signature").get("outputs")));
    assertThat(written)
        .containsEntry("model_uuid", identity.modelUuid())
        .containsEntry("run_id", identity.runId());
    // what is this model's own, or chosen here: the rest must be Python's word for word
    for (Map<String, Object> one : List.of(written, golden)) {
      one.keySet().removeAll(List.of("signature", "model_uuid", "model_size_bytes"));
      map(map(one, "flavors"), "python_function").remove("python_version");
    }
    assertThat(written).isEqualTo(golden);
  }

  @Test
  void theFolderSaysWhatMlmodelSays() throws Exception {
    ModelIdentity identity = ModelFixtures.identity();
    ModelFolder folder = writer("").write(model, identity, temporary.resolve("out"));
    Map<String, Object> written = yaml(folder.directory().resolve("MLmodel"));

    assertThat(folder.flavors()).isEqualTo(written.get("flavors"));
    assertThat(map(folder.flavors(), "python_function")).containsEntry("python_version", "3.12.3");
    assertThat(folder.artifactPath()).isEqualTo("model").isEqualTo(written.get("artifact_path"));
    assertThat(folder.modelUuid()).isEqualTo(identity.modelUuid());
    assertThat(folder.created()).isEqualTo(identity.created());
    assertThat(folder.utcTimeCreated()).isEqualTo("2026-11-23 14:38:54.158736");
    long bytes = 0;
    for (String file : folder.files()) {
      if (file.startsWith("sparkml/")
          || file.equals("model.onnx")
          || file.endsWith("input_example.json")) {
        bytes += Files.size(folder.directory().resolve(file));
      }
    }
    assertThat(written.get("model_size_bytes")).hasToString(Long.toString(bytes));
  }

  @Test
  void examplesAreThoseOfPython() throws Exception {
    ModelFolder folder = write(model);

    for (String name : List.of("input_example.json", "serving_input_example.json")) {
      assertThat(JSON.readTree(folder.directory().resolve(name).toFile()))
          .isEqualTo(JSON.readTree(GOLDEN.resolve(name).toFile()));
      assertThat(Files.readString(folder.directory().resolve(name))).matches("\\p{ASCII}*");
    }
  }

  @Test
  void environmentFilesAreThoseOfPythonWithThePinsOfTheSettings() throws Exception {
    Path folder =
        bySpark().write(model, ModelFixtures.identity(), temporary.resolve("out")).directory();

    assertThat(Files.readAllLines(folder.resolve("requirements.txt")))
        .isEqualTo(
            Files.readAllLines(GOLDEN.resolve("requirements.txt")).stream()
                .map(line -> line.replace("pyspark==4.0.1", "pyspark==" + spark.version()))
                .toList());
    Map<String, Object> conda = yaml(folder.resolve("conda.yaml"));
    assertThat(conda.keySet()).isEqualTo(yaml(GOLDEN.resolve("conda.yaml")).keySet());
    assertThat(conda.get("dependencies"))
        .isEqualTo(
            List.of(
                "python=3.12.3",
                "pip<=24.0",
                Map.of("pip", Files.readAllLines(folder.resolve("requirements.txt")))));
    Map<String, Object> virtual = yaml(folder.resolve("python_env.yaml"));
    assertThat(virtual.keySet()).isEqualTo(yaml(GOLDEN.resolve("python_env.yaml")).keySet());
    assertThat(virtual)
        .containsEntry("python", "3.12.3")
        .containsEntry("dependencies", List.of("-r requirements.txt"))
        .containsEntry(
            "build_dependencies", List.of("pip==24.0", "setuptools==75.8.0", "wheel==0.45.1"));
  }

  @Test
  void aPythonVersionOfTwoNumbersStaysText() throws Exception {
    ModelSettings settings =
        new ModelSettings(
            "m", PythonFunction.ONNX, "3.10", "3.17.2", "1.23.2", "1.23.2", List.of(), "");
    Path folder =
        new ModelFolderWriter(spark, settings)
            .write(model, ModelFixtures.identity(), temporary.resolve("out"))
            .directory();

    assertThat(yaml(folder.resolve("python_env.yaml"))).containsEntry("python", "3.10");
    assertThat(map(map(yaml(folder.resolve("MLmodel")), "flavors"), "python_function"))
        .containsEntry("python_version", "3.10");
  }

  @Test
  void filesAreThoseOfPythonWithoutChecksums() throws Exception {
    ModelFolder folder = write(model);
    List<String> golden =
        Files.readAllLines(GOLDEN.resolve("files.txt")).stream()
            .filter(file -> !file.endsWith(".crc"))
            .map(ModelFolderWriterTest::withoutIds)
            .sorted()
            .toList();
    List<String> onnx = List.of("model.onnx", "requirements-spark.txt");

    assertThat(folder.files()).containsAll(onnx);
    assertThat(
            folder.files().stream()
                .filter(file -> !onnx.contains(file))
                .map(ModelFolderWriterTest::withoutIds)
                .sorted()
                .toList())
        .isEqualTo(golden);
    assertThat(folder.files()).isSorted();
    try (Stream<Path> tree = Files.walk(folder.directory())) {
      assertThat(tree.filter(Files::isRegularFile).count()).isEqualTo(folder.files().size());
    }
  }

  @Test
  void checksumsThatAFileSystemListsAreLeftOut() throws Exception {
    Path staged = Files.createDirectories(temporary.resolve("staged/metadata"));
    Files.writeString(staged.resolve("part-00000.txt"), "{}");
    Files.writeString(staged.resolve(".part-00000.txt.crc"), "crc");
    Path local = temporary.resolve("local");
    // unlike the checked local file system, the raw one shows the checksum files
    try (RawLocalFileSystem raw = new RawLocalFileSystem()) {
      raw.initialize(URI.create("file:///"), new Configuration());
      HadoopStagingFolder.copy(
          raw, new org.apache.hadoop.fs.Path(temporary.resolve("staged").toString()), local);
    }

    assertThat(files(local)).containsExactly("metadata/part-00000.txt");
    assertThat(local.resolve("metadata/part-00000.txt")).hasContent("{}");
  }

  @Test
  void savedStagesPredictAsTheFittedOnes() {
    ModelFolder folder = write(model);
    PipelineModel loaded = PipelineModel.load(folder.directory().resolve("sparkml").toString());

    assertThat(predictions(loaded)).isEqualTo(predictions(model.pipeline())).hasSize(2);
  }

  @Test
  void factsAboutTheModelStandInItsMetadata() throws Exception {
    FittedModel described =
        new FittedModel(
            model.pipeline(),
            model.signature(),
            model.example(),
            Map.of("table_version", "7", "unit.Säure", "g/dm³"));
    Path mlmodel = write(described).directory().resolve("MLmodel");
    Map<String, Object> written = yaml(mlmodel);

    assertThat(Files.readString(mlmodel)).matches("[\\p{ASCII}]*");
    assertThat(written)
        .containsEntry("metadata", Map.of("table_version", "7", "unit.Säure", "g/dm³"));
  }

  @Test
  void savingCostsOneJobForThePipelineEachStageAndEachTable() throws Exception {
    AtomicInteger jobs = new AtomicInteger();
    AtomicInteger stages = new AtomicInteger();
    SparkListener counter =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            jobs.incrementAndGet();
            stages.addAndGet(start.stageInfos().size());
          }
        };
    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().addSparkListener(counter);
    try {
      write(model);
      spark.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      spark.sparkContext().removeSparkListener(counter);
    }

    // metadata of the pipeline, of the assembler, of the regression, and the regression's table
    assertThat(jobs).hasValue(4);
    assertThat(stages).hasValue(4);
  }

  @Test
  void aStagingFolderIsUsedAndLeftEmpty() throws Exception {
    Path staging = Files.createDirectory(temporary.resolve("shared"));
    AtomicInteger seen = new AtomicInteger();
    SparkListener watcher =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            seen.addAndGet(children(staging).size());
          }
        };
    spark.sparkContext().addSparkListener(watcher);
    try {
      writer(staging.toUri().toString())
          .write(model, ModelFixtures.identity(), temporary.resolve("out"));
      spark.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      spark.sparkContext().removeSparkListener(watcher);
    }

    assertThat(seen.get()).isPositive();
    assertThat(children(staging)).isEmpty();
  }

  @Test
  void afterAFailureNeitherStagingNorFolderAreLeft() throws Exception {
    Path staging = Files.createDirectory(temporary.resolve("shared"));
    ModelIdentity identity = ModelFixtures.identity();
    // Spark does not overwrite, so a pipeline that stands there already makes it fail
    Files.createDirectories(
        staging.resolve("model-" + identity.modelUuid()).resolve("pipeline/metadata"));
    Path out = temporary.resolve("out");

    assertThatThrownBy(() -> writer(staging.toUri().toString()).write(model, identity, out))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Spark could not save the pipeline to file:")
        .hasMessageContaining("already exists")
        .hasMessageEndingWith("the staging folder is " + staging.toUri());
    assertThat(children(staging)).isEmpty();
    assertThat(out).doesNotExist();
  }

  @Test
  void aFolderThatWasThereAndEmptyStaysThereAndEmptyAfterAFailure() throws Exception {
    Path out = Files.createDirectory(temporary.resolve("out"));
    Path noFolder = Files.createFile(temporary.resolve("no-folder"));

    assertThatThrownBy(
            () -> writer(noFolder.toUri().toString()).write(model, ModelFixtures.identity(), out))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("Could not write the model folder " + out);
    assertThat(out).isEmptyDirectory();
  }

  @Test
  void aFolderInUseIsRefusedAndLeftAlone() throws Exception {
    Path out = Files.createDirectory(temporary.resolve("out"));
    Files.writeString(out.resolve("precious"), "x");

    assertThatThrownBy(() -> writer("").write(model, ModelFixtures.identity(), out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The model folder " + out + " exists and is not empty; name a new one");
    assertThat(children(out)).containsExactly("precious");
  }

  @Test
  void aClusterWithoutStagingFolderIsToldWhatToSet() {
    for (String master : List.of("spark://host:7077", "yarn", "local-cluster[2,1,1024]")) {
      assertThatThrownBy(() -> PipelineStaging.root("", master, "x"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("No staging folder is set, but Spark runs on " + master)
          .hasMessageContaining("set one that driver and executors share");
    }
  }

  @Test
  void aClusterWithStagingFolderStagesThere() throws Exception {
    assertThat(PipelineStaging.root("hdfs:///tmp", "yarn", "x").toString())
        .isEqualTo("hdfs:/tmp/model-x");
  }

  @Test
  void aStageOfOnesOwnIsRefusedAlsoInsideAnotherPipeline() {
    PipelineModel flat = pipelineOf(new OwnStage(), model.pipeline());
    PipelineModel nested = pipelineOf(pipelineOf(new OwnStage()), model.pipeline());
    for (PipelineModel pipeline : List.of(flat, nested)) {
      FittedModel own = FittedModel.of(pipeline, model.signature(), model.example());
      assertThatThrownBy(() -> write(own))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("The pipeline's stage own_1 is a " + OwnStage.class.getName())
          .hasMessageContaining("Python has no class of that name");
    }
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  @Test
  void aNestedPipelineIsWritten() {
    FittedModel nested =
        FittedModel.of(pipelineOf(model.pipeline()), model.signature(), model.example());
    ModelFolder folder = write(nested);
    PipelineModel loaded = PipelineModel.load(folder.directory().resolve("sparkml").toString());

    assertThat(predictions(loaded)).isEqualTo(predictions(model.pipeline()));
  }

  @ParameterizedTest
  @CsvSource({
    "metadata/part-.*, there are no rows in",
    "stages/0_.*, the files of stage 0 (vecAssembler_",
    "stages/0_.*/metadata/part-.*, there are no rows in",
    "stages/1_.*/metadata/.*, there are no rows in",
    "stages/1_.*/data/part-.*, there are no rows in"
  })
  void aSavedPipelineThatLacksFilesIsIncomplete(String lost, String message) throws Exception {
    SparkFlavor flavor =
        new SparkFlavor(spark, new PipelineStaging(spark, ModelFixtures.settings()));
    Path data = write(model).directory().resolve("sparkml");
    assertThatCode(() -> flavor.requireComplete(model.pipeline(), data)).doesNotThrowAnyException();
    boolean wholeStage = lost.equals("stages/0_.*");
    for (String file : files(data)) {
      if (file.matches(lost)) {
        Files.delete(data.resolve(file));
      }
    }
    if (wholeStage) {
      deleteFolders(data, lost);
    }

    assertThatThrownBy(() -> flavor.requireComplete(model.pipeline(), data))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Spark saved the pipeline but " + message)
        .hasMessageContaining("no staging folder is set, so the driver's temporary folder");
  }

  @Test
  void aSavedTableThatIsEmptyIsIncomplete() throws Exception {
    SparkFlavor flavor =
        new SparkFlavor(spark, new PipelineStaging(spark, ModelFixtures.settings()));
    Path data = write(model).directory().resolve("sparkml");
    for (String file : files(data)) {
      if (file.matches("stages/1_.*/data/part-.*")) {
        Files.write(data.resolve(file), new byte[0]);
      }
    }

    assertThatThrownBy(() -> flavor.requireComplete(model.pipeline(), data))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Spark saved the pipeline but there are no rows in ");
  }

  @Test
  void columnsThatThePipelineDoesNotReadOrGiveAreRejected() {
    PipelineModel pipeline = model.pipeline();
    ModelSignature wrongInput = ModelSignature.ofRegression(List.of("fixed acidity", "pH"));
    InputExample example = new InputExample(wrongInput.inputNames(), List.of(List.of(7.4, 3.5)));
    assertThatThrownBy(() -> FittedModel.of(pipeline, wrongInput, example))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "The pipeline cannot be applied to the signature's inputs [fixed acidity, pH]: ")
        .hasMessageContaining("Süße");

    ModelSignature wrongOutput =
        new ModelSignature(
            model.signature().inputs(), List.of(Column.required("score", ColumnType.DOUBLE)));
    assertThatThrownBy(() -> FittedModel.of(pipeline, wrongOutput, model.example()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The pipeline gives no column \"score\"");

    ModelSignature wrongType =
        new ModelSignature(
            model.signature().inputs(), List.of(Column.required("prediction", ColumnType.LONG)));
    assertThatThrownBy(() -> FittedModel.of(pipeline, wrongType, model.example()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The pipeline's column \"prediction\" is double in Spark, but the signature calls it"
                + " long");
  }

  @Test
  void anExampleOfOtherColumnsIsRejectedAndOneOfWholeNumbersIsTyped() {
    PipelineModel pipeline = model.pipeline();
    List<String> swapped = List.of(ModelFixtures.COLUMNS.get(1), ModelFixtures.COLUMNS.get(0));
    InputExample other = new InputExample(swapped, List.of(List.of(1.9, 7.4)));
    assertThatThrownBy(() -> FittedModel.of(pipeline, model.signature(), other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The input example's columns are [Süße");

    InputExample whole = new InputExample(ModelFixtures.COLUMNS, List.of(List.of(7, 2L)));
    assertThat(FittedModel.of(pipeline, model.signature(), whole).example().rows())
        .isEqualTo(List.of(List.of(7.0, 2.0)));
  }

  @Test
  void anOutputThatMlflowDoesNotAnswerWithIsRefused() {
    ModelSignature more =
        new ModelSignature(
            model.signature().inputs(),
            List.of(
                Column.required("prediction", ColumnType.DOUBLE),
                Column.required("fixed acidity", ColumnType.DOUBLE)));
    FittedModel two = FittedModel.of(model.pipeline(), more, model.example());

    assertThatThrownBy(() -> write(two))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The signature's outputs are [prediction, fixed acidity];");
  }

  @Test
  void aPipelineWithoutStagesIsRejected() {
    PipelineModel empty = pipelineOf();
    assertThatThrownBy(() -> FittedModel.of(empty, model.signature(), model.example()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The pipeline has no stages");
  }

  @Test
  void aVendorsSparkIsPinnedToItsRelease() {
    assertThat(SparkFlavor.release("4.0.1")).isEqualTo("4.0.1");
    assertThat(SparkFlavor.release("4.0.1-amzn-0")).isEqualTo("4.0.1");
    assertThat(SparkFlavor.release("4.1.0.dev1")).isEqualTo("4.1.0");
    assertThatThrownBy(() -> SparkFlavor.release("unknown"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Spark calls its version \"unknown\"");
  }

  @Test
  void idsThatMlflowDoesNotKnowAreRejected() {
    String uuid = "0123456789abcdef0123456789abcdef";
    assertThatThrownBy(() -> new ModelIdentity(" ", uuid, ModelFixtures.CREATED))
        .hasMessageStartingWith("The run id is \" \"");
    assertThatThrownBy(() -> new ModelIdentity("r", "0123", ModelFixtures.CREATED))
        .hasMessageStartingWith("The model uuid is \"0123\"; it must have 32");
  }

  @Test
  void aFolderIsNotDescribedWithoutMlmodelFlavorOrOrder() {
    Map<String, Object> spark = Map.of("spark", Map.of());
    assertThatThrownBy(() -> folderOf(spark, List.of("conda.yaml")))
        .hasMessageContaining("lists no MLmodel file");
    assertThatThrownBy(() -> folderOf(Map.of(), List.of("MLmodel")))
        .hasMessageContaining("has no flavor");
    assertThatThrownBy(() -> folderOf(spark, List.of("conda.yaml", "MLmodel")))
        .hasMessageContaining("are not sorted");
    assertThatThrownBy(() -> folderOf(spark, List.of("MLmodel", "MLmodel")))
        .hasMessageContaining("are not sorted or one is there twice");
  }

  private ModelFolder write(FittedModel model) {
    return writer("").write(model, ModelFixtures.identity(), temporary.resolve("out"));
  }

  private static ModelFolderWriter bySpark() {
    return new ModelFolderWriter(spark, ModelFixtures.settings(PythonFunction.SPARK, ""));
  }

  private static ModelFolderWriter writer(String stagingDir) {
    return new ModelFolderWriter(spark, ModelFixtures.settings(stagingDir));
  }

  private static ModelFolder folderOf(Map<String, Object> flavors, List<String> files) {
    return new ModelFolder(
        Path.of("m"), "model", "0".repeat(32), ModelFixtures.CREATED, flavors, files);
  }

  private static PipelineModel pipelineOf(Transformer... stages) {
    return new PipelineModel("pipeline_1", stages);
  }

  private static List<Double> predictions(PipelineModel pipeline) {
    List<Row> rows =
        ModelFixtures.example().rows().stream()
            .map(cells -> RowFactory.create(cells.toArray()))
            .toList();
    Dataset<Row> frame = spark.createDataFrame(rows, model.signature().inputSchema());
    return pipeline.transform(frame).select("prediction").collectAsList().stream()
        .map(row -> row.getDouble(0))
        .toList();
  }

  private static String withoutIds(String file) {
    // a stage's uid, the writer's job id; Python and the JVM name the classes' uids differently
    return file.replaceAll("stages/(\\d)_[^/]+", "stages/$1")
        .replaceAll("part-00000-[0-9a-f-]+-c000", "part");
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .toList();
    }
  }

  private static void deleteFolders(Path directory, String name) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path folder : tree.sorted(Comparator.reverseOrder()).toList()) {
        if (directory.relativize(folder).toString().matches(name)) {
          Files.delete(folder);
        }
      }
    }
  }

  private static List<String> children(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.map(child -> child.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> keys(String path, Map<String, Object> map) {
    Set<String> keys = new TreeSet<>();
    for (String key : map.keySet()) {
      keys.add(path + key);
      if (map.get(key) instanceof Map) {
        keys.addAll(keys(path + key + "/", map(map, key)));
      }
    }
    return keys;
  }

  private static Map<String, Object> withoutNulls(Map<String, Object> map) {
    Map<String, Object> rest = new TreeMap<>();
    for (String key : map.keySet()) {
      Object value = map.get(key);
      if (value != null) {
        rest.put(key, value instanceof Map ? withoutNulls(map(map, key)) : value);
      }
    }
    return rest;
  }

  @SuppressWarnings("unchecked") // YAML maps have text keys in these files
  private static Map<String, Object> map(Map<String, Object> map, String key) {
    return (Map<String, Object>) Objects.requireNonNull(map.get(key), key);
  }

  private static Map<String, Object> yaml(Path file) throws IOException {
    return new TreeMap<>(new Yaml().<Map<String, Object>>load(Files.readString(file)));
  }

  /** A stage that Spark can run but Python does not know. */
  public static final class OwnStage extends Transformer {
    private static final long serialVersionUID = 1;

    @Override
    public String uid() {
      return "own_1";
    }

    @Override
    public Dataset<Row> transform(Dataset<?> rows) {
      return rows.toDF();
    }

    @Override
    public StructType transformSchema(StructType schema) {
      return schema;
    }

    @Override
    public Transformer copy(ParamMap extra) {
      return this;
    }
  }
}
