# Golden values for CrossValidationGlmnetTest: whole paths of R's glmnet and the curves of cv.glmnet.
#
#   Rscript src/test/resources/golden/cross-validation-glmnet.R [CSV] [cross-validation-folds.json] [cross-validation-glmnet.json]
#
# Called like this it is about the 1,599 red wines; cross-validation-statistics.py says how the white ones were done.
# Run from the project's root. Needs R, glmnet and jsonlite; the tests need none of them. The folds are those of the project's
# fold_sql, written by cross-validation-folds.py (R has no xxhash64).
#
# For each alpha and standardisation: the sequence of 100 lambda that glmnet itself makes (lambda.min.ratio 1e-4), the
# coefficients at each of them, and cvm, cvsd, lambda.min and lambda.1se of cv.glmnet for these lambda and folds. The sequence is
# handed to cv.glmnet: without it every fold makes its own and cv.glmnet interpolates the predictions between two lambda.
#
# fdev = 0 keeps the path from ending early. thresh = 1e-28: the script works out the optimality (KKT) conditions at every
# solution of the full path and prints the largest miss; glmnet's default thresh of 1e-7 would miss them by 7e-4.

suppressPackageStartupMessages({
  library(glmnet)
  library(jsonlite)
})

arguments <- commandArgs(trailingOnly = TRUE)
argument <- function(i, default) if (length(arguments) >= i) arguments[i] else default
data_path <- argument(1, "data/winequality-red.csv")
folds_path <- argument(2, "src/test/resources/golden/cross-validation-folds.json")
json_path <- argument(3, "src/test/resources/golden/cross-validation-glmnet.json")

label <- "quality"
separator <- if (grepl(";", readLines(data_path, 1))) ";" else ","
wines <- read.csv(data_path, check.names = FALSE, sep = separator)
features <- setdiff(names(wines), label)
x <- as.matrix(wines[features])
y <- as.numeric(wines[[label]])
n <- length(y)
folds <- fromJSON(folds_path)
foldid <- folds$folds + 1
stopifnot(length(foldid) == n, !anyNA(wines))

glmnet.control(fdev = 0)
thresh <- 1e-28
maxit <- 1e9

deviation <- function(v) sqrt(mean((v - mean(v))^2))
s <- deviation(y)
kkt_violation <- function(b0, b, alpha, lambda, standardize) {
  scales <- if (standardize) apply(x, 2, deviation) else rep(1, ncol(x))
  residual <- as.vector(y - b0 - x %*% b)
  gradient <- -as.vector(crossprod(sweep(x, 2, colMeans(x)), residual)) / n / scales + lambda * (1 - alpha) / s * b * scales
  l1 <- lambda * alpha
  max(ifelse(b != 0, abs(gradient + l1 * sign(b)), pmax(0, abs(gradient) - l1)), abs(mean(residual)))
}

digits17 <- function(v) sprintf("%.17g", v) # enough for every double to be read back as itself
numbers <- function(v) paste0("[", paste(digits17(v), collapse = ", "), "]")

worst <- 0
cases <- character(0)
for (standardize in c(FALSE, TRUE)) {
  for (alpha in c(0, 0.5, 1)) {
    lambda <- glmnet(x, y, alpha = alpha, nlambda = 100, lambda.min.ratio = 1e-4, standardize = standardize)$lambda
    stopifnot(length(lambda) == 100)
    cv <- cv.glmnet(x, y, lambda = lambda, foldid = foldid, type.measure = "mse", alpha = alpha, standardize = standardize,
                    thresh = thresh, maxit = maxit, type.gaussian = "covariance")
    fit <- cv$glmnet.fit
    stopifnot(length(fit$lambda) == 100, max(abs(fit$lambda / lambda - 1)) < 1e-14, fit$jerr == 0)
    for (i in seq_along(lambda)) {
      worst <- max(worst, kkt_violation(fit$a0[[i]], as.vector(fit$beta[, i]), alpha, lambda[i], standardize))
    }
    coefficients <- vapply(seq_along(lambda), function(i) numbers(fit$beta[, i]), "")
    cases <- c(cases, paste0(
      "    {\n",
      '      "alpha": ', sprintf("%g", alpha), ",\n",
      '      "standardize": ', tolower(standardize), ",\n",
      '      "lambda": ', numbers(lambda), ",\n",
      '      "cvm": ', numbers(cv$cvm), ",\n",
      '      "cvsd": ', numbers(cv$cvsd), ",\n",
      '      "index_min": ', cv$index["min", 1] - 1, ",\n",
      '      "index_1se": ', cv$index["1se", 1] - 1, ",\n",
      '      "intercept": ', numbers(fit$a0), ",\n",
      '      "coefficients": [\n        ', paste(coefficients, collapse = ",\n        "), "\n      ]\n",
      "    }"
    ))
    cat(sprintf("standardize %s, alpha %g: largest violation of the optimality conditions so far %.3g\n", standardize, alpha, worst))
  }
}
stopifnot(length(cases) == 6, worst < 1e-11)

text <- paste0(
  "{\n",
  '  "generator": "src/test/resources/golden/cross-validation-glmnet.R",\n',
  '  "tools": {"R": "', as.character(getRversion()), '", "glmnet": "', as.character(packageVersion("glmnet")), '"},\n',
  '  "label": ', toJSON(label, auto_unbox = TRUE), ",\n",
  '  "features": ', toJSON(features), ",\n",
  '  "cases": [\n', paste(cases, collapse = ",\n"), "\n  ]\n",
  "}\n"
)
stopifnot(validate(text))
cat(text, file = json_path)
