// Databricks notebook source
// MAGIC %md
// MAGIC # 2 · Train with the jar, then look inside
// MAGIC
// MAGIC The nightly job is a class with a `main`, which a notebook can call, as it can the jar's other classes. Attach the jar that
// MAGIC the bundle has uploaded to a cluster in dedicated access mode: *Libraries › Install new › Volumes*.
// MAGIC Next: **3 · Compare runs and load the model**.

// COMMAND ----------

dbutils.widgets.text("settings", "jar:databricks.conf")
dbutils.widgets.text("catalog", "wine_dev")
dbutils.widgets.text("schema", "wine")
dbutils.widgets.text("volume", "files")

val options = Array("--config", dbutils.widgets.get("settings")) ++
  Seq("catalog", "schema", "volume").flatMap(name => Seq("--set", s"databricks.$name=${dbutils.widgets.get(name)}"))

// COMMAND ----------

// MAGIC %md
// MAGIC ## Three trainings
// MAGIC The options are those of the command line. Each call takes the CSV into the Delta table, splits, fits, evaluates, and makes
// MAGIC a run and a registered version, all without Python. An unchanged CSV makes no new table version.

// COMMAND ----------

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import java.nio.file.{Files, Path}
import scala.jdk.CollectionConverters._
import winequality.app.TrainingJob

def train(lambda: Double): JsonNode = {
  val result = Files.createTempFile("training", ".json")
  TrainingJob.main(options ++ Array("--lambda", lambda.toString, "--result", result.toString))
  new ObjectMapper().readTree(result.toFile)
}

val trainings = Seq(0.5, 0.1, 0.01).map(lambda => lambda -> train(lambda))

// COMMAND ----------

val figures = trainings.map { case (lambda, result) =>
  val kept = result.get("coefficients").asScala.count(_.asDouble != 0.0)
  (lambda, result.at("/metrics/rmse").asDouble, result.at("/metrics/mae").asDouble, result.at("/metrics/baseline_rmse").asDouble, kept, result.at("/model/version").asText)
}
display(spark.createDataFrame(figures).toDF("lambda", "RMSE", "MAE", "RMSE of the mean", "columns kept", "version"))

// COMMAND ----------

// MAGIC %md
// MAGIC ## Is the split fair?
// MAGIC The result contains the table's version and a SQL predicate that is true for exactly the train rows. So anybody can check
// MAGIC that both sides have about the same mean quality and that no wine is on both.

// COMMAND ----------

val result = trainings.last._2
val table = spark.read.format("delta").option("versionAsOf", result.at("/table/version").asLong)
val location = result.at("/table/location").asText
val wines = if (location.contains("/")) table.load(location) else table.table(location)
val sides = wines.selectExpr("*", s"${result.at("/holdout/train_sql").asText} as train")

display(sides.groupBy("train").agg("quality" -> "count", "quality" -> "avg"))

// COMMAND ----------

import org.apache.spark.sql.functions.{col, countDistinct}
import winequality.config.{SettingsLoader, SettingsSource}

val settings = new SettingsLoader().load(
  new SettingsSource(java.util.Optional.of(Path.of(dbutils.widgets.get("settings"))), java.util.List.of(), System.getenv()))
val measurements = settings.dataset.features.asScala.toSeq.map(name => col(s"`$name`"))
val different = sides.groupBy(measurements: _*).agg(countDistinct("train").as("sides"))

println(s"${different.where("sides > 1").count} of ${different.count} different wines stand on both sides")

// COMMAND ----------

// MAGIC %md
// MAGIC ## The whole path from one pass
// MAGIC Five folds × three mixtures × a hundred penalties from one pass over the table. Plot `RMSE` over `lambda`, logarithmic,
// MAGIC grouped by `alpha`: where the curve is flat, the choice hardly matters.

// COMMAND ----------

import elasticnet.CrossValidationPath

val path = new CrossValidationPath(settings.tuning).fit(sides.where("train"), settings.dataset.features, settings.dataset.label)
val points = path.points.asScala.toSeq.map(p => (p.penalty.elasticNetParam, p.penalty.regParam, p.rmse.mean, p.rmse.standardError))
display(spark.createDataFrame(points).toDF("alpha", "lambda", "RMSE", "standard error").orderBy("RMSE"))

val best = path.winner
println(f"best: alpha ${best.penalty.elasticNetParam}%.1f, lambda ${best.penalty.regParam}%.5f, RMSE ${best.rmse.mean}%.4f ± ${best.rmse.standardError}%.4f")

// COMMAND ----------

// MAGIC %md
// MAGIC ## Predictions of the champion
// MAGIC The gate compared each version with the champion of that moment. The champion now scores the table, once for each version of
// MAGIC model and table. Notebook **4** reads the predictions.

// COMMAND ----------

import winequality.app.BatchScoringJob

val scored = Files.createTempFile("scoring", ".json")
BatchScoringJob.main(options ++ Array("--result", scored.toString))

val scoring = new ObjectMapper().readTree(scored.toFile)
println(s"${scoring.at("/rows/accepted").asLong} wines scored by version ${scoring.at("/model/version").asText} into ${scoring.at("/scoring/predictions/location").asText}")
