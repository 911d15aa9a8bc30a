# Databricks notebook source
# MAGIC %md
# MAGIC # 3 · Compare the runs, load the model
# MAGIC
# MAGIC The jar's runs and models in MLflow, seen from Python: which run is best, what the model has learned, and what it predicts.
# MAGIC Next: **4 · The tables**.
# MAGIC
# MAGIC The model runs in ONNX Runtime, so the cluster needs `onnx` and `onnxruntime`.

# COMMAND ----------

# MAGIC %pip install --quiet onnx onnxruntime

# COMMAND ----------

import matplotlib.pyplot as plt
import mlflow
import pandas as pd

dbutils.widgets.text("experiment", "/Shared/wine-quality")
dbutils.widgets.text("model", "wine_dev.wine.wine_quality")
dbutils.widgets.text("alias", "champion")
dbutils.widgets.text("source", "/Volumes/wine_dev/wine/files/landing/winequality-red.csv")
model_uri = f"models:/{dbutils.widgets.get('model')}@{dbutils.widgets.get('alias')}"

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which run is best?
# MAGIC The dashed line is the error of always predicting the mean of the train rows: a model above it has learned nothing.

# COMMAND ----------

runs = mlflow.search_runs(experiment_names=[dbutils.widgets.get("experiment")], filter_string="attributes.status = 'FINISHED'")
runs = runs.dropna(subset=["metrics.rmse", "metrics.baseline_rmse"])
runs["lambda"] = runs["params.lambda"].astype(float)
runs = runs.sort_values("lambda")
print(runs[["params.alpha", "lambda", "metrics.rmse", "metrics.mae", "metrics.r2", "params.tableVersion", "run_id"]].to_string(index=False))

fig, axes = plt.subplots(figsize=(6, 3.5))
axes.semilogx(runs["lambda"], runs["metrics.rmse"], "o-", color="#7b1e3a", label="model")
axes.axhline(runs["metrics.baseline_rmse"].iloc[0], ls="--", color="grey", label="mean")
axes.set(xlabel="lambda", ylabel="RMSE on the 25 %", title="A smaller penalty helps")
axes.legend()
plt.show()

# COMMAND ----------

# MAGIC %md
# MAGIC ## What has it learned?
# MAGIC Coefficients are per unit of the column, and units differ (a gram of chloride is a lot, a percent of alcohol is not). Multiplied
# MAGIC by the column's standard deviation they can be compared: alcohol raises the grade, volatile acidity (vinegar) lowers it.

# COMMAND ----------

best = runs.loc[runs["metrics.rmse"].idxmin()]
learned = mlflow.artifacts.load_dict(f"{best['artifact_uri']}/coefficients.json")
learned = pd.DataFrame(learned["data"], columns=learned["columns"]).set_index("name")
wines = pd.read_csv(dbutils.widgets.get("source"), sep=None, engine="python")
effect = (learned["coefficient"].drop("(intercept)") * wines.std()).dropna().sort_values()
print(learned.assign(effect=effect).to_string())

fig, axes = plt.subplots(figsize=(6, 3.5))
axes.barh(effect.index, effect, color=["#7b1e3a" if e < 0 else "#3a7b4e" for e in effect])
axes.set(title="Change of the grade for one standard deviation")
fig.tight_layout()
plt.show()

# COMMAND ----------

# MAGIC %md
# MAGIC ## The registered version, on wines
# MAGIC `pyfunc` needs no Spark. Grades are whole numbers, and the penalty pulls predictions towards the mean, so the model ranks wines
# MAGIC better than it predicts their exact grade.

# COMMAND ----------

model = mlflow.pyfunc.load_model(model_uri)
print(model_uri, "is of run", model.metadata.run_id)
features = model.metadata.get_input_schema().input_names()
prediction = model.predict(wines[features].astype(float))
wines["predicted"] = prediction["prediction"] if isinstance(prediction, pd.DataFrame) else prediction
print(wines[["alcohol", "volatile acidity", "quality", "predicted"]].head(5).to_string(index=False))

wines.boxplot(column="predicted", by="quality", figsize=(6, 3.5), grid=False)
plt.suptitle("")
plt.title("Predicted by true grade (train and test rows)")
plt.show()
