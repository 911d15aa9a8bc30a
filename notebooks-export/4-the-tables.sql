-- Databricks notebook source
-- MAGIC %md
-- MAGIC # 4 · The tables
-- MAGIC
-- MAGIC Where the rows are, and what has become of them: history, quarantine, drift. Everything is plain Delta.

-- COMMAND ----------

CREATE WIDGET TEXT catalog DEFAULT 'main';

-- COMMAND ----------

CREATE WIDGET TEXT schema DEFAULT 'wine';

-- COMMAND ----------

USE IDENTIFIER(:catalog || '.' || :schema);

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## History
-- MAGIC One version for each source that brought something new. A training names the version that it read; `VERSION AS OF` brings
-- MAGIC it back for as long as nobody has run `VACUUM`.

-- COMMAND ----------

DESCRIBE HISTORY wine;

-- COMMAND ----------

SELECT count(*) AS wines, count(DISTINCT *) AS different, min(quality) AS worst, max(quality) AS best, round(avg(quality), 3) AS mean
FROM wine;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Quarantine
-- MAGIC A row that breaks a rule is here with its file, line and raw text, not lost. Correct the file, or the rule, and deliver it again.

-- COMMAND ----------

SELECT rule, count(*) AS rows, min(raw) AS example FROM wine_quarantine GROUP BY rule ORDER BY rows DESC;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Drift
-- MAGIC Mean of each column now beside the table's first version, in standard deviations of then. Beyond ±0.25 it is worth a look
-- MAGIC before the next training.

-- COMMAND ----------

CREATE OR REPLACE TEMPORARY VIEW then_and_now AS
WITH long AS (
  SELECT 'then' AS time, stack(4, 'alcohol', alcohol, 'pH', pH, 'sulphates', sulphates, 'quality', quality) AS (column, value)
  FROM wine VERSION AS OF 0
  UNION ALL
  SELECT 'now', stack(4, 'alcohol', alcohol, 'pH', pH, 'sulphates', sulphates, 'quality', quality) AS (column, value)
  FROM wine
)
SELECT column,
  avg(value) FILTER (WHERE time = 'then') AS mean_then,
  avg(value) FILTER (WHERE time = 'now') AS mean_now,
  stddev(value) FILTER (WHERE time = 'then') AS deviation_then
FROM long GROUP BY column;

-- COMMAND ----------

SELECT column, round(mean_then, 3) AS mean_then, round(mean_now, 3) AS mean_now,
  round((mean_now - mean_then) / deviation_then, 3) AS shift_in_deviations
FROM then_and_now ORDER BY abs(mean_now - mean_then) / deviation_then DESC;
