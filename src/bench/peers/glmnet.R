# Times glmnet by the rules of Turns.java: glmnet.R FOLDER ROWS PEER CORES, or for the solver alone: glmnet.R FOLDER solver P ALPHAS GAPS
# Loading is not timed.
suppressPackageStartupMessages(library(glmnet))
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
# every penalty of the path, as the other peers do; by default glmnet may end a path early
glmnet.control(fdev = 0)

take <- function(case, contestant, run) {
  last <- 0.2
  once <- function(kind) {
    repeats <- max(1, floor(0.2 / last))
    gc(verbose = FALSE) # a peer does not pay for what came before
    started <- proc.time()
    for (i in seq_len(repeats)) found <- run()
    took <- proc.time() - started
    last <<- max(took[["elapsed"]], 1e-3) / repeats # the clock counts milliseconds
    write_time <- function(kind, value, found) {
      cat(sprintf("%s\t%s\t%s\t%.9g\t%s\n", case, contestant, kind, value, found), file = Sys.getenv("BENCH_TIMES"), append = TRUE)
    }
    write_time(kind, last, found)
    if (kind == "measured") write_time("processor s", sum(took[c(1, 2, 4, 5)]) / repeats, "")
    took[["elapsed"]]
  }
  spent <- once("first")
  if (spent > 60) return(invisible())
  while (spent < as.numeric(Sys.getenv("BENCH_WARM_UP"))) spent <- spent + once("warm-up")
  for (i in seq_len(as.integer(Sys.getenv("BENCH_TURNS")))) once("measured")
}

read_rows <- function(name, rows, columns) {
  matrix(readBin(file.path(folder, name), "double", n = rows * columns, endian = "little"), nrow = rows)
}

whole <- function(rows, peer, cores) {
  x <- read_rows("columns.f64", rows, 12)
  y <- x[, 12]
  x <- x[, -12]
  parallel <- peer == "glmnet-parallel"
  if (parallel) doParallel::registerDoParallel(cores)
  take(given[2], peer, function() {
    least <- Inf
    points <- 0
    for (alpha in c(0.1, 0.5, 1.0)) {
      validated <- cv.glmnet(x, y, alpha = alpha, nfolds = 5, nlambda = 100, lambda.min.ratio = 1e-4, parallel = parallel)
      points <- points + length(validated$lambda)
      least <- min(least, validated$cvm)
    }
    sprintf("%d points, RMSE %.5f", points, sqrt(least))
  })
}

# glmnet takes rows, not a Gram matrix; it forms the products itself, column by column as they enter the path. These rows have
# exactly the Gram matrix that the Java solver gets. They are p + 12, nearly as few as there can be, and then twice as many: the
# second time less the first is what glmnet spends on p + 12 rows. For each gap it takes the largest tolerance, a power of ten,
# whose whole path has at most this gap; elastic_net.py has the same formula.
solver <- function(p, alphas, gaps) {
  for (given_alpha in alphas) for (gap in gaps) for (size in c("once", "twice")) {
    alpha <- as.numeric(given_alpha)
    n <- (p + 12L) * if (size == "once") 1L else 2L
    rows <- read_rows(sprintf("solver-%d-%s.f64", p, size), n, p + 1L)
    y <- rows[, p + 1]
    x <- rows[, -(p + 1)]
    gram <- crossprod(x) / n
    linear <- as.vector(crossprod(x, y)) / n
    variance <- mean(y^2)
    lambda <- max(abs(linear)) / alpha * 1e-4^((0:99) / 99)
    run <- function(thresh) glmnet(x, y, alpha = alpha, lambda = lambda, thresh = thresh, type.gaussian = "covariance", maxit = 1e6)
    largest_gap <- function(path) max(sapply(seq_along(lambda), function(i) {
      b <- path[, i]
      l1 <- lambda[i] * alpha
      gradient <- linear - as.vector(gram %*% b) - lambda[i] * (1 - alpha) / sqrt(variance) * b
      shrink <- min(1, l1 / max(abs(gradient)))
      max(0, variance - sum(b * (linear + gradient))) * (1 - shrink)^2 / 2 + sum(l1 * abs(b) - shrink * b * gradient)
    })) / (variance / 2)
    if (size == "once") {
      digits <- round(-2 * log10(as.numeric(gap))) # thresh is for squares of steps, the gap grows with the steps
      for (next_power in (digits - 3):(digits + 4)) {
        found <- suppressWarnings(as.matrix(run(10^-next_power)$beta))
        if (ncol(found) < 100) break # rounding errors keep it from converging
        power <- next_power
        path <- found
        reached <- largest_gap(path) <= as.numeric(gap)
        if (reached) break
      }
    }
    case <- sprintf("%d, %s, %s", p, given_alpha, gap)
    contestant <- if (size == "once") "glmnet" else "glmnet-twice"
    writeBin(as.vector(path), file.path(folder, sprintf("%s, %s.path", case, contestant)), endian = "little")
    take(case, contestant, function() {
      fit <- run(10^-power)
      paste0("thresh 1e-", power, if (!reached) ", a larger gap", if (length(fit$lambda) < 100) ", stopped early")
    })
  }
}

if (given[2] == "solver") {
  solver(as.integer(given[3]), strsplit(given[4], ",")[[1]], strsplit(given[5], ",")[[1]])
} else {
  whole(as.integer(given[2]), given[3], as.integer(given[4]))
}
