# Golden values for EncodingGlmnetTest: elastic nets and least squares on categories, gaps and weights, as R's glmnet, cv.glmnet and lm give them.
#
#   Rscript src/test/resources/golden/encoding-glmnet.R [encoding-glmnet.json]
#
# Run from the project's root. Needs R, glmnet and jsonlite; the test needs none of them. The tables are those that R ships
# (package datasets), and the JSON file holds their rows. glmnet reads model.matrix with treatment contrasts, whose base is the
# first level; gaps are filled by glmnet's makeX(na.impute = TRUE), which takes the mean of all rows, before cv.glmnet
# divides them.
#
# Weights of 0 are among them: lm and the project leave such rows out of the degrees of freedom.
#
# thresh = 1e-30 and fdev = 0: with glmnet's defaults the coefficients would be off by 1e-4. The script works out the
# optimality (KKT) conditions at each fit, in units of the label's deviation, and stops if one is missed by more than 1e-12.

suppressPackageStartupMessages({
  library(glmnet)
  library(jsonlite)
})

arguments <- commandArgs(trailingOnly = TRUE)
json_path <- if (length(arguments) >= 1) arguments[1] else "src/test/resources/golden/encoding-glmnet.json"
glmnet.control(fdev = 0)

number <- function(name) list(name = name, kind = "number")
gap <- function(name, fill, indicator) list(name = name, kind = "gap", fill = fill, indicator = indicator)
category <- function(name, levels, unknown = "QUARANTINE") list(name = name, kind = "category", levels = levels, unknown = unknown)

# the model's columns of one feature
encoded <- function(feature, table) {
  value <- table[[feature$name]]
  if (feature$kind == "number") {
    return(matrix(value, dimnames = list(NULL, feature$name)))
  }
  if (feature$kind == "gap") {
    missing <- is.na(value)
    filled <- if (feature$fill == "MEAN") makeX(data.frame(value, one = 1), na.impute = TRUE)[, "value"] else ifelse(missing, 0, value)
    both <- cbind(filled, as.numeric(missing))
    colnames(both) <- c(feature$name, paste(feature$name, "missing"))
    return(both[, seq_len(if (feature$indicator == "ADDED") 2 else 1), drop = FALSE])
  }
  level <- as.character(value)
  unknown <- is.na(level) | !(level %in% feature$levels)
  stopifnot(feature$unknown != "QUARANTINE" | !unknown)
  level[unknown] <- if (feature$unknown == "OTHER") "other" else feature$levels[1]
  levels <- c(feature$levels, if (feature$unknown == "OTHER") "other")
  columns <- model.matrix(~ f, data.frame(f = factor(level, levels = levels)), contrasts.arg = list(f = "contr.treatment"))[, -1, drop = FALSE]
  colnames(columns) <- ifelse(
    levels[-1] == "other" & feature$unknown == "OTHER", paste(feature$name, "unknown"), paste0(feature$name, "=", levels[-1]))
  columns
}

worst <- 0
golden <- function(name, table, label, features, weight = NULL) {
  x <- do.call(cbind, lapply(features, encoded, table))
  y <- as.numeric(table[[label]])
  w <- if (is.null(weight)) rep(1, length(y)) else table[[weight]]
  stopifnot(!anyNA(x), !anyNA(y))
  share <- w / sum(w)
  mean_of <- function(v) sum(share * v)
  deviation <- function(v) sqrt(mean_of((v - mean_of(v))^2))
  s <- deviation(y)
  lambdas <- c(0.3, 0.02) * s
  violation <- function(b0, b, alpha, lambda, standardize) {
    scales <- if (standardize) apply(x, 2, deviation) else rep(1, ncol(x))
    residual <- as.vector(y - b0 - x %*% b)
    gradient <- -as.vector(crossprod(sweep(x, 2, apply(x, 2, mean_of)), share * residual)) / scales + lambda * (1 - alpha) / s * b * scales
    l1 <- lambda * alpha
    max(ifelse(b != 0, abs(gradient + l1 * sign(b)), pmax(0, abs(gradient) - l1)), abs(mean_of(residual))) / s
  }
  cases <- list()
  for (standardize in c(FALSE, TRUE)) {
    for (alpha in c(0, 0.5, 1)) {
      fit <- glmnet(x, y, weights = w, alpha = alpha, lambda = lambdas, standardize = standardize, thresh = 1e-30, maxit = 1e9,
                    type.gaussian = "covariance")
      stopifnot(length(fit$lambda) == length(lambdas), fit$jerr == 0)
      for (i in seq_along(lambdas)) {
        b <- as.vector(fit$beta[, i])
        worst <<- max(worst, violation(fit$a0[[i]], b, alpha, lambdas[i], standardize))
        cases <- c(cases, list(list(alpha = unbox(alpha), lambda = unbox(lambdas[i]), standardize = unbox(standardize),
                                    intercept = unbox(fit$a0[[i]]), coefficients = b)))
      }
    }
  }
  foldid <- seq_along(y) %% 5 + 1
  cv <- function(measure) {
    cv.glmnet(x, y, weights = w, alpha = 0.5, lambda = lambdas, foldid = foldid, type.measure = measure, thresh = 1e-30, maxit = 1e9,
              type.gaussian = "covariance")
  }
  mse <- cv("mse")
  mae <- cv("mae")
  least <- summary(lm(y ~ x, weights = w))
  stopifnot(nrow(least$coefficients) == ncol(x) + 1) # none was aliased
  table[] <- lapply(table, function(v) if (is.factor(v)) as.character(v) else v)
  list(
    name = unbox(name), label = unbox(label), weight = if (!is.null(weight)) unbox(weight),
    features = lapply(features, function(f) lapply(f, function(v) if (length(v) == 1 && !is.list(v)) unbox(v) else v)),
    columns = colnames(x),
    rows = table[c(vapply(features, function(f) f$name, ""), label, weight)],
    cases = cases,
    cv = list(lambda = lambdas, cvm = mse$cvm, cvsd = mse$cvsd, mae = mae$cvm, mae_sd = mae$cvsd),
    lm = list(degrees_of_freedom = unbox(least$df[2]), coefficient = unname(least$coefficients[, 1]),
              standard_error = unname(least$coefficients[, 2]), t = unname(least$coefficients[, 3]), p = unname(least$coefficients[, 4])))
}

strings <- function(table, ...) {
  for (name in c(...)) table[[name]] <- as.character(table[[name]])
  table
}
air <- strings(subset(airquality, !is.na(Ozone)), "Month")
names(air)[names(air) == "Solar.R"] <- "Solar"
months <- category("Month", c("5", "6", "7", "8", "9"))
cars <- strings(mtcars, "cyl", "gear", "carb")
air$hours <- (seq_len(nrow(air)) * 7) %% 24 / 8 + 0.25
woven <- transform(warpbreaks, looms = seq_len(54) %% 4)
cars$tested <- 1000 * cars$qsec

tables <- list(
  golden("two categories", warpbreaks, "breaks", list(category("wool", c("A", "B")), category("tension", c("L", "M", "H")))),
  golden("unknown levels share a column", chickwts, "weight",
         list(category("feed", c("casein", "horsebean", "linseed", "meatmeal"), "OTHER"))),
  golden("unknown levels count as the base", cars, "mpg",
         list(number("wt"), category("carb", c("1", "2", "4"), "BASE"), number("hp"), category("cyl", c("4", "6", "8")))),
  golden("a gap filled with its mean, and its indicator", air, "Ozone",
         list(gap("Solar", "MEAN", "ADDED"), number("Wind"), months, number("Temp"))),
  golden("a gap filled with zero", air, "Ozone", list(number("Wind"), gap("Solar", "ZERO", "NONE"))),
  golden("twelve levels", as.data.frame(CO2), "uptake",
         list(category("Plant", c("Qn1", "Qn2", "Qn3", "Qc1", "Qc2", "Qc3", "Mn1", "Mn2", "Mn3", "Mc1", "Mc2", "Mc3")), number("conc"))),
  golden("weighted categories, some rows with the weight 0", woven, "breaks",
         list(category("wool", c("A", "B")), category("tension", c("L", "M", "H"))), "looms"),
  golden("weighted gaps", air, "Ozone", list(gap("Solar", "MEAN", "ADDED"), number("Wind"), months, number("Temp")), "hours"),
  golden("weighted numbers", cars, "mpg", list(number("wt"), number("hp"), number("disp")), "tested"))
cat("largest violation of the optimality conditions", worst, "\n")
stopifnot(worst < 1e-12)

writeLines(toJSON(list(
  generator = unbox("src/test/resources/golden/encoding-glmnet.R"),
  tools = list(R = unbox(as.character(getRversion())), glmnet = unbox(as.character(packageVersion("glmnet")))),
  tables = tables), digits = NA, dataframe = "columns", na = "null", null = "null"), json_path)
