package winequality.app.job;

/** A job without Spark: it starts at once, and also works where Spark does not. */
public non-sealed interface DriverJob extends Job<DriverContext> {}
