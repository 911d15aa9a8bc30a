-- Databricks notebook source
-- MAGIC %md
-- MAGIC # 4 · The tables
-- MAGIC
-- MAGIC The rows and what happened to them: history, quarantine, predictions, drift. All of it is plain Delta.

-- COMMAND ----------

CREATE WIDGET TEXT catalog DEFAULT 'wine_dev';

-- COMMAND ----------

CREATE WIDGET TEXT schema DEFAULT 'wine';

-- COMMAND ----------

USE IDENTIFIER(:catalog || '.' || :schema);

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## History
-- MAGIC Each source with something new makes a version. A training records the version that it read; `VERSION AS OF` reads it
-- MAGIC again until `VACUUM` removes its files, which the table allows after 90 days (`delta.deletedFileRetentionDuration`).

-- COMMAND ----------

DESCRIBE HISTORY wine;

-- COMMAND ----------

SELECT count(*) AS wines, count(DISTINCT *) AS different, min(quality) AS worst, max(quality) AS best, round(avg(quality), 3) AS mean
FROM wine;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Quarantine
-- MAGIC A row that breaks a rule is not lost: it is here with its file, line and raw text. Correct the rows or the rule, then deliver
-- MAGIC the whole source again, or, with `data.mode = append`, the corrected rows in a new file.

-- COMMAND ----------

SELECT rule, count(*) AS rows, min(raw) AS example FROM wine_quarantine GROUP BY rule ORDER BY rows DESC;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Predictions
-- MAGIC The output of the job `score`: each row says which version of the model made it, from which version of which input, and when.

-- COMMAND ----------

SELECT model_version, input_version, count(*) AS rows, round(avg(prediction), 3) AS mean, max(scored_at) AS scored_at
FROM wine_predictions GROUP BY model_version, input_version ORDER BY scored_at;

-- COMMAND ----------

SELECT quality, count(*) AS wines, round(avg(prediction), 3) AS predicted, round(avg(abs(quality - prediction)), 3) AS mean_error
FROM wine_predictions GROUP BY quality ORDER BY quality;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Drift by version
-- MAGIC The profile of each version of the table: how each column was distributed.

-- COMMAND ----------

SELECT table_version, column, round(mean, 3) AS mean, round(standard_deviation, 3) AS deviation, round(median, 3) AS median
FROM wine_profiles WHERE column IN ('alcohol', 'pH', 'quality') ORDER BY column, table_version;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Drift since the first version
-- MAGIC The shift of each column's mean since the table's first profile, in standard deviations of that profile. Check columns beyond
-- MAGIC ±0.25 before the next training. Profiles stay after `VACUUM` has removed the rows of old versions.

-- COMMAND ----------

CREATE OR REPLACE TEMPORARY VIEW then_and_now AS
WITH long AS (
  SELECT stack(4, 'alcohol', alcohol, 'pH', pH, 'sulphates', sulphates, 'quality', quality) AS (column, value) FROM wine
), current AS (
  SELECT column, avg(value) AS mean_now FROM long GROUP BY column
), first AS (
  SELECT column, min_by(mean, table_version) AS mean_then, min_by(standard_deviation, table_version) AS deviation_then
  FROM wine_profiles GROUP BY column
)
SELECT column, mean_then, mean_now, deviation_then FROM first JOIN current USING (column);

-- COMMAND ----------

SELECT column, round(mean_then, 3) AS mean_then, round(mean_now, 3) AS mean_now,
  round((mean_now - mean_then) / deviation_then, 3) AS shift_in_deviations
FROM then_and_now ORDER BY abs(mean_now - mean_then) / deviation_then DESC;
