# Golden values for GlmnetGoldenTest: elastic nets that R's glmnet fits on the 1,599 red wines.
#
#   Rscript src/test/resources/golden/elastic-net-glmnet.R [data/winequality-red.csv] [elastic-net-glmnet.json]
#
# Run from the project's root. Needs R, glmnet, jsonlite and the command sha256sum; the tests need none of them, they read
# the JSON file that this script writes.
#
# What is minimised, by glmnet and by MLlib alike, is
#
#   1/(2n)*sum((y - b0 - x b)^2) + lambda*alpha*sum|b| + lambda*(1 - alpha)/(2*s)*sum(b^2)
#
# with s the label's standard deviation (1/n); standardised, b in the two penalties is the coefficient of the column divided
# by its own standard deviation (1/n). The script does not take that on trust: it works out the optimality (KKT) conditions of
# this objective at every fit and stops if one is missed by more than 1e-12.
#
# Why the test allows 1e-5 relative. These values are not what limits it: with thresh = 1e-30 the conditions are met to 3e-14,
# and solving each case's active set in 50-digit arithmetic gives the same coefficients and intercepts to 8e-13. (With
# glmnet's default thresh of 1e-7 the conditions are missed by 7e-4: do not leave it out.) The limit is MLlib: its normal
# solver is exact for alpha = 0 (4e-9), but for an L1 part it ends in OWL-QN, and its worst coefficient is off by 2.8e-5 at
# tol = 1e-9, 9.6e-6 at 1e-10 and 2.3e-6 at 1e-12 (alpha 0.5, lambda 0.01, standardised; the other cases are at 2e-6 or
# less); a smaller tol changes nothing. 1e-5 is four times that, and still tells objectives apart: wherever there is a ridge
# part, not dividing it by s moves some coefficient by 1 % at least, and taking s with 1/(n-1) moves one by 1.7e-5 at least.
#
# Exact zeros are compared exactly: glmnet's soft threshold and OWL-QN's orthants both give a removed column a coefficient of 0.

suppressPackageStartupMessages({
  library(glmnet)
  library(jsonlite)
})

arguments <- commandArgs(trailingOnly = TRUE)
data_path <- if (length(arguments) >= 1) arguments[1] else "data/winequality-red.csv"
json_path <- if (length(arguments) >= 2) arguments[2] else "src/test/resources/golden/elastic-net-glmnet.json"

alphas <- c(0, 0.5, 1)
lambdas <- c(0.5, 0.1, 0.01) # from large to small: each fit starts from the one before
label <- "quality"

wines <- read.csv(data_path, check.names = FALSE)
stopifnot(nrow(wines) == 1599, !anyNA(wines))
features <- setdiff(names(wines), label)
x <- as.matrix(wines[features])
y <- as.numeric(wines[[label]])
n <- length(y)

deviation <- function(v) sqrt(mean((v - mean(v))^2))
s <- deviation(y)
means <- colMeans(x)

# fdev = 0: the path goes on to the last lambda, however little the fit still gains.
glmnet.control(fdev = 0)

fit_path <- function(alpha, standardize) {
  fit <- glmnet(x, y, family = "gaussian", alpha = alpha, lambda = lambdas, standardize = standardize,
                thresh = 1e-30, maxit = 1e9, type.gaussian = "covariance")
  # Each of the lambdas itself, in this order: nothing below is interpolated between two points of the path. Not
  # identical(): glmnet divides lambda by s and multiplies it back.
  stopifnot(length(fit$lambda) == length(lambdas), abs(fit$lambda / lambdas - 1) < 1e-15, fit$jerr == 0)
  fit
}

# The largest miss of the optimality conditions, in the units of the gradient on the penalised scale.
kkt_violation <- function(b0, b, alpha, lambda, standardize) {
  scales <- if (standardize) apply(x, 2, deviation) else rep(1, ncol(x))
  residual <- as.vector(y - b0 - x %*% b)
  gradient <- -as.vector(crossprod(sweep(x, 2, means), residual)) / n / scales +
    lambda * (1 - alpha) / s * b * scales
  l1 <- lambda * alpha
  misses <- ifelse(b != 0, abs(gradient + l1 * sign(b)), pmax(0, abs(gradient) - l1))
  max(misses, abs(mean(residual)))
}

digits17 <- function(v) sprintf("%.17g", v) # enough for every double to be read back as itself

worst <- 0
cases <- character(0)
for (standardize in c(FALSE, TRUE)) {
  for (alpha in alphas) {
    fit <- fit_path(alpha, standardize)
    for (i in seq_along(lambdas)) {
      b0 <- fit$a0[[i]]
      b <- setNames(as.vector(fit$beta[, i]), features)
      worst <- max(worst, kkt_violation(b0, b, alpha, lambdas[i], standardize))
      error <- y - as.vector(b0 + x %*% b)
      # With every coefficient 0 the prediction is one number and has no correlation with anything.
      r2_correlation <- if (all(b == 0)) "null" else digits17(cor(y - error, y)^2)
      coefficients <- paste0("        ", vapply(features, toJSON, "", auto_unbox = TRUE), ": ", digits17(b), collapse = ",\n")
      cases <- c(cases, paste0(
        "    {\n",
        '      "alpha": ', sprintf("%g", alpha), ",\n",
        '      "lambda": ', sprintf("%g", lambdas[i]), ",\n",
        '      "standardize": ', tolower(standardize), ",\n",
        '      "intercept": ', digits17(b0), ",\n",
        '      "coefficients": {\n', coefficients, "\n      },\n",
        '      "rmse": ', digits17(sqrt(mean(error^2))), ",\n",
        '      "mae": ', digits17(mean(abs(error))), ",\n",
        '      "r2": ', digits17(1 - sum(error^2) / sum((y - mean(y))^2)), ",\n",
        '      "r2_correlation": ', r2_correlation, ",\n",
        '      "baseline_rmse": ', digits17(s), "\n",
        "    }"
      ))
    }
  }
}
cat(sprintf("%d fits, largest violation of the optimality conditions %.3g\n", length(cases), worst))
stopifnot(length(cases) == 18, worst < 1e-12)

sha256 <- sub(" .*", "", system2("sha256sum", shQuote(data_path), stdout = TRUE))
stopifnot(grepl("^[0-9a-f]{64}$", sha256))

text <- paste0(
  "{\n",
  '  "generator": "src/test/resources/golden/elastic-net-glmnet.R",\n',
  '  "tools": {"R": "', as.character(getRversion()), '", "glmnet": "', as.character(packageVersion("glmnet")), '"},\n',
  '  "data": {"path": "data/winequality-red.csv", "sha256": "', sha256, '", "rows": ', n, "},\n",
  '  "label": ', toJSON(label, auto_unbox = TRUE), ",\n",
  '  "cases": [\n', paste(cases, collapse = ",\n"), "\n  ]\n",
  "}\n"
)
stopifnot(validate(text))
cat(text, file = json_path)
