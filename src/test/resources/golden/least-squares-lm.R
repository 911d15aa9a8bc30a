# Golden values for SignificanceTesterTest: least squares on the 1,599 red wines as R's lm and summary.lm give them.
#
#   Rscript src/test/resources/golden/least-squares-lm.R [data/winequality-red.csv] [least-squares-lm.json]
#
# Run from the project's root. Needs R and jsonlite; the test needs neither, it reads the JSON file that this script writes.
#
# Why the test allows 1e-9 relative for errors and t, and 1e-8 for p. lm works on a QR decomposition of the rows, the
# project on the Cholesky factor of their centred moments, which squares the condition of the columns scaled to unit length:
# it is about 7, and 154 where the intercept is left out (kappa below). Rounding of 1e-16 grows to no more than 1e-11 by that; a
# relative error e of t becomes one of about t*t*e in p, which for the largest t of 17 or so is 300 times as much.

suppressPackageStartupMessages(library(jsonlite))

arguments <- commandArgs(trailingOnly = TRUE)
data_path <- if (length(arguments) >= 1) arguments[1] else "data/winequality-red.csv"
json_path <- if (length(arguments) >= 2) arguments[2] else "src/test/resources/golden/least-squares-lm.json"

wines <- read.csv(data_path, check.names = FALSE)
stopifnot(nrow(wines) == 1599, !anyNA(wines))
features <- setdiff(names(wines), "quality")

case <- function(name, formula, rows) {
  fit <- summary(lm(formula, data = wines[rows, ]))
  table <- fit$coefficients
  rownames(table) <- gsub("`", "", rownames(table))
  intercept <- "(Intercept)" %in% rownames(table)
  stopifnot(setdiff(rownames(table), "(Intercept)") == features) # none was aliased
  x <- as.matrix(wines[rows, features])
  if (intercept) x <- scale(x, scale = FALSE)
  cat(name, "condition of the scaled columns", kappa(sweep(x, 2, sqrt(colSums(x^2)), "/"), exact = TRUE), "\n")
  list(
    name = unbox(name), rows = unbox(length(rows)), fit_intercept = unbox(intercept),
    degrees_of_freedom = unbox(fit$df[2]),
    coefficients = lapply(rownames(table), function(r) {
      list(name = unbox(r), coefficient = unbox(table[r, 1]), standard_error = unbox(table[r, 2]),
           t = unbox(table[r, 3]), p = unbox(table[r, 4]))
    }))
}

golden <- list(
  generator = unbox("src/test/resources/golden/least-squares-lm.R"),
  r = unbox(R.version.string),
  cases = list(
    case("all rows", quality ~ ., seq_len(nrow(wines))),
    case("no intercept", quality ~ . - 1, seq_len(nrow(wines))),
    case("one degree of freedom", quality ~ ., 1:13 * 100)))
writeLines(toJSON(golden, digits = NA, pretty = TRUE), json_path)
