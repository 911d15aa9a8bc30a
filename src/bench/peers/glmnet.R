# Times glmnet: glmnet.R FOLDER ROWS TIMES PEER CORES, or for the solver alone: glmnet.R FOLDER solver TIMES
# Loading is not timed. The time rules are those of Stopwatch.java.
suppressPackageStartupMessages(library(glmnet))
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
times <- given[3]
# every penalty of the path, as the other peers do; by default glmnet may end a path early
glmnet.control(fdev = 0)

write_time <- function(peer, rows, kind, seconds, found) {
  cat(sprintf("%s\t%s\t%s\t%.6f\t%s\n", peer, rows, kind, seconds, found), file = times, append = TRUE)
}
elapsed <- function(run) {
  gc(verbose = FALSE) # a peer does not pay for what came before
  started <- proc.time()[["elapsed"]]
  found <- run()
  list(seconds = proc.time()[["elapsed"]] - started, found = found)
}

whole <- function() {
  rows <- as.integer(given[2])
  peer <- given[4]
  cores <- as.integer(given[5])
  x <- matrix(readBin(file.path(folder, "columns.f64"), "double", n = rows * 12, endian = "little"), nrow = rows)
  y <- x[, 12]
  x <- x[, -12]
  parallel <- peer == "glmnet-parallel"
  if (parallel) doParallel::registerDoParallel(cores)
  run <- function() {
    least <- Inf
    points <- 0
    for (alpha in c(0.1, 0.5, 1.0)) {
      validated <- cv.glmnet(x, y, alpha = alpha, nfolds = 5, nlambda = 100, lambda.min.ratio = 1e-4, parallel = parallel)
      points <- points + length(validated$lambda)
      least <- min(least, validated$cvm)
    }
    sprintf("%d points, RMSE %.5f", points, sqrt(least))
  }
  once <- function(kind) {
    measured <- elapsed(run)
    write_time(peer, given[2], kind, measured$seconds, measured$found)
    measured$seconds
  }
  spent <- once("first")
  if (spent > 60) return(invisible())
  while (spent < 10) spent <- spent + once("warm-up")
  for (i in 1:3) once("measured")
}

# glmnet takes rows, not a Gram matrix; it forms the products itself, column by column as they enter the path. These rows have
# exactly the Gram matrix that the Java solver gets. They are p + 12, nearly as few as there can be, and then twice as many: the
# second time less the first is what glmnet spends on p + 12 rows. How exact the paths are is worked out as SolverAccuracy.java does.
solver <- function() {
  for (p in c(11L, 100L, 1000L)) for (alpha in c(0.5, 1.0)) for (thresh in c(1e-7, 1e-12, 1e-14)) {
    accuracy <- ""
    took <- sapply(c("once", "twice"), function(size) {
      n <- (p + 12L) * if (size == "once") 1L else 2L
      rows <- matrix(readBin(file.path(folder, sprintf("solver-%d-%s.f64", p, size)), "double", n = n * (p + 1L), endian = "little"), nrow = n)
      y <- rows[, p + 1]
      x <- rows[, -(p + 1)]
      largest <- max(abs(crossprod(x, y))) / n / alpha
      lambda <- largest * 1e-4^((0:99) / 99)
      run <- function(to = thresh) glmnet(x, y, alpha = alpha, lambda = lambda, thresh = to, type.gaussian = "covariance", maxit = 1e8)
      stopifnot(length(run()$lambda) == 100)
      if (size == "once") accuracy <<- inaccuracy(run(), run(1e-18), x, y, alpha)
      repeats <- 1
      repeat { # the clock counts milliseconds
        seconds <- elapsed(function() for (i in seq_len(repeats)) run())$seconds
        if (seconds > 1) break
        repeats <- repeats * 4
      }
      seconds / repeats
    })
    write_time("solver-glmnet", p, sprintf("%s %g", alpha, thresh), 1000 * took[["once"]],
               sprintf("%.6f %s", 1000 * took[["twice"]], accuracy))
  }
}

inaccuracy <- function(fit, exact, x, y, alpha) {
  s <- sqrt(mean((y - mean(y))^2))
  objective <- function(f, i) {
    b <- f$beta[, i]
    mean((y - f$a0[i] - as.vector(x %*% b))^2) / 2 + f$lambda[i] * (alpha * sum(abs(b)) + (1 - alpha) / (2 * s) * sum(b^2))
  }
  excess <- sapply(2:100, function(i) objective(fit, i) - objective(exact, i)) / (s^2 / 2)
  error <- sapply(2:100, function(i) max(abs(fit$beta[, i] - exact$beta[, i])) / max(abs(exact$beta[, i])))
  sprintf("%.3g %.3g", max(excess, 0), max(error))
}

if (given[2] == "solver") solver() else whole()
