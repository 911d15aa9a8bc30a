# Same names and arguments as MLflow's own package, for the calls that the notebook makes; the server is a real one.

state <- new.env()
server <- function() Sys.getenv("MLFLOW_TRACKING_URI")
now <- function() round(as.numeric(Sys.time()) * 1000)

send <- function(method, path, body = NULL) {
  handle <- curl::new_handle(customrequest = method)
  if (!is.null(body)) {
    curl::handle_setopt(handle, copypostfields = body)
    curl::handle_setheaders(handle, "Content-Type" = "application/json")
  }
  answer <- curl::curl_fetch_memory(paste0(server(), "/api/2.0/", path), handle)
  list(status = answer$status_code, body = rawToChar(answer$content))
}

post <- function(path, ...) {
  answer <- send("POST", paste0("mlflow/", path), jsonlite::toJSON(list(...), auto_unbox = TRUE, digits = NA))
  if (answer$status != 200) stop(path, ": ", answer$body)
  jsonlite::fromJSON(answer$body)
}

mlflow_set_experiment <- function(experiment_name) {
  found <- send("GET", paste0("mlflow/experiments/get-by-name?experiment_name=", curl::curl_escape(experiment_name)))
  state$experiment <- if (found$status == 200) {
    jsonlite::fromJSON(found$body)$experiment$experiment_id
  } else {
    post("experiments/create", name = experiment_name)$experiment_id
  }
}

mlflow_start_run <- function() {
  state$run <- post("runs/create", experiment_id = state$experiment, start_time = now())$run$info
  invisible(state$run)
}

mlflow_end_run <- function() invisible(post("runs/update", run_id = state$run$run_id, status = "FINISHED", end_time = now()))

mlflow_log_param <- function(key, value) invisible(post("runs/log-parameter", run_id = state$run$run_id, key = key, value = as.character(value)))

mlflow_log_metric <- function(key, value, step = 0) {
  invisible(post("runs/log-metric", run_id = state$run$run_id, key = key, value = value, timestamp = now(), step = step))
}

mlflow_log_artifact <- function(path, artifact_path = NULL) {
  root <- sub("^mlflow-artifacts:/", "", state$run$artifact_uri)
  place <- paste(c("mlflow-artifacts/artifacts", root, artifact_path, basename(path)), collapse = "/")
  content <- readBin(path, "raw", file.size(path))
  handle <- curl::new_handle(customrequest = "PUT", postfieldsize = length(content), copypostfields = content)
  answer <- curl::curl_fetch_memory(paste0(server(), "/api/2.0/", place), handle)
  if (answer$status_code != 200) stop(place, ": ", rawToChar(answer$content))
}

mlflow_log_model <- function(model, artifact_path) {
  stopifnot(inherits(model, "crate"))
  folder <- tempfile("model")
  dir.create(folder)
  saveRDS(model, file.path(folder, "crate.bin"))
  flavors <- list(crate = list(version = "0.1.0", model = "crate.bin"))
  writeLines(c("flavors:", "  crate:", "    version: 0.1.0", "    model: crate.bin"), file.path(folder, "MLmodel"))
  for (file in list.files(folder, full.names = TRUE)) mlflow_log_artifact(file, artifact_path)
  text <- jsonlite::toJSON(list(run_id = state$run$run_id, artifact_path = artifact_path, flavors = flavors,
    utc_time_created = format(Sys.time(), tz = "UTC")), auto_unbox = TRUE)
  invisible(post("runs/log-model", run_id = state$run$run_id, model_json = text))
}
