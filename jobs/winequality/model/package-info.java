/**
 * A fitted pipeline as an MLflow model folder, written and read without Python.
 *
 * <p>In: a pipeline of built-in stages, its input columns and an example. Out: a local folder with
 * MLmodel, Spark files, for a linear model the same function as ONNX, signature, example and
 * environment, listed file by file. The other way: such a folder in, the pipeline out. Nothing is
 * uploaded or downloaded here.
 */
@NullMarked
package winequality.model;

import org.jspecify.annotations.NullMarked;
