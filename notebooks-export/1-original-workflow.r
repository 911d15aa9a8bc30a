# Databricks notebook source
# MAGIC %md
# MAGIC # 1 · The original workflow, in R
# MAGIC
# MAGIC An elastic net for the quality of wines with `glmnet`, tracked with `mlflow`. The Java job of this project replaces this
# MAGIC notebook, which stays as the reference. Next: **2 · Train with the jar**.
# MAGIC
# MAGIC Needs three packages of R on the cluster (`install.packages(c("glmnet", "mlflow", "carrier"))`, as cluster libraries or here).
# MAGIC R's `mlflow` logs files and models through MLflow's Python, so use a runtime for machine learning, which contains it.

# COMMAND ----------

dbutils.widgets.text("source", "/Volumes/wine_dev/wine/files/landing/winequality-red.csv")
dbutils.widgets.text("experiment", "/Shared/wine-quality-notebooks")
dbutils.widgets.text("alpha", "0.5")
dbutils.widgets.text("lambda", "0.5")

library(glmnet)
library(mlflow)
invisible(mlflow_set_experiment(experiment_name = dbutils.widgets.get("experiment")))

# COMMAND ----------

# MAGIC %md
# MAGIC ## A first run, by hand
# MAGIC One parameter, one metric with five steps, one file. Open the experiment and look at the run: its parameter, the curve of
# MAGIC `RMSE`, the file's preview.

# COMMAND ----------

run <- mlflow_start_run()
mlflow_log_param("test_run_nof_runs_param1", 5)
for (step in 1:5) mlflow_log_metric("RMSE", c(2, 4, 6, 8, 1)[step], step = step)
writeLines("The first file of the first run", "output.txt")
mlflow_log_artifact("output.txt")
mlflow_end_run()

# COMMAND ----------

# MAGIC %md
# MAGIC ## The wines
# MAGIC Eleven measurements and a grade from a blind tasting. Three quarters of the rows train, the rest test. Chance decides the
# MAGIC side of a row, so equal wines, of which the table has 240, can be on both sides; the jar keeps them together.

# COMMAND ----------

wines <- read.csv(dbutils.widgets.get("source"), check.names = FALSE)
set.seed(1)
in_train <- seq_len(nrow(wines)) %in% sample(nrow(wines), round(0.75 * nrow(wines)))
features <- setdiff(names(wines), "quality")
x <- as.matrix(wines[features])
cat(nrow(wines), "wines,", sum(in_train), "train,", sum(duplicated(wines)), "are equal to an earlier one\n")
barplot(table(wines$quality), xlab = "quality", ylab = "wines", main = "Most wines are a 5 or a 6", col = "#7b1e3a", border = NA)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The model
# MAGIC `alpha` mixes lasso (1) and ridge (0), `lambda` is the strength of the penalty; features are *not* standardised.

# COMMAND ----------

train_wine_quality <- function(alpha, lambda) {
  run <- mlflow_start_run()
  model <- glmnet(x[in_train, ], wines$quality[in_train], family = "gaussian", alpha = alpha, lambda = lambda, standardize = FALSE)
  predicted <- as.numeric(predict(model, x[!in_train, ]))
  quality <- wines$quality[!in_train]
  rmse <- sqrt(mean((quality - predicted)^2))
  mae <- mean(abs(quality - predicted))
  # the squared correlation, caret's default R2; undefined if the penalty removes every column
  r2 <- if (sd(predicted) > 0) cor(quality, predicted)^2 else NA_real_
  cat(sprintf("Elastic net model (alpha=%s, lambda=%s):\n  RMSE: %f\n  MAE: %f\n  R2: %f\n", alpha, lambda, rmse, mae, r2))
  mlflow_log_param("alpha", alpha)
  mlflow_log_param("lambda", lambda)
  mlflow_log_metric("rmse", rmse)
  mlflow_log_metric("mae", mae)
  if (!is.na(r2)) mlflow_log_metric("r2", r2)
  # MLflow for R stores a function that contains the model
  mlflow_log_model(carrier::crate(function(wines) as.numeric(glmnet::predict.glmnet(model, as.matrix(wines))), model = model), "model")
  mlflow_end_run()
  c(lambda = lambda, rmse = rmse, mae = mae, r2 = r2)
}

alpha <- as.numeric(dbutils.widgets.get("alpha"))
fits <- sapply(c(as.numeric(dbutils.widgets.get("lambda")), 0.1, 0.01), function(lambda) train_wine_quality(alpha, lambda))
print(t(fits), digits = 4)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What the penalty does
# MAGIC At λ = 0.5, the default of the original, three columns remain: alcohol and the two sulfur dioxides, whose values are large,
# MAGIC so that their small coefficients cost little penalty. A smaller λ keeps more columns and gives a smaller error.

# COMMAND ----------

path <- glmnet(x[in_train, ], wines$quality[in_train], family = "gaussian", alpha = alpha, standardize = FALSE)
par(mar = c(5, 4, 3, 8))
matplot(log10(path$lambda), t(as.matrix(path$beta)), type = "l", lty = 1, xlim = rev(range(log10(path$lambda))),
  xlab = "log10(lambda)", ylab = "coefficient", main = "Columns come in as the penalty falls")
end <- path$beta[, ncol(path$beta)]
strong <- names(sort(-abs(end)))[1:6]
axis(4, at = end[strong], labels = strong, las = 1, tick = FALSE, cex.axis = 0.8)
print(round(as.matrix(coef(path, s = c(0.5, 0.1, 0.01))), 4))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Afterwards
# MAGIC In the experiment, select the runs and *Compare*. The jar does versions, aliases and approval: it registers a model that
# MAGIC Python, Spark and a REST endpoint can load, which is not possible with a model of R. The registered model has its own page.
