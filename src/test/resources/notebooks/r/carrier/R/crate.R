crate <- function(.fn, ...) {
  environment(.fn) <- list2env(list(...), parent = baseenv())
  structure(.fn, class = "crate")
}
