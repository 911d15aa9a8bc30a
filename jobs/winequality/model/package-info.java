/**
 * A fitted pipeline as an MLflow model folder, written without Python.
 *
 * <p>In: a pipeline of built-in stages, its input columns and an example. Out: a local folder with
 * MLmodel, Spark files, for a linear model the same function as ONNX, signature, example and
 * environment, listed file by file. Nothing is uploaded here.
 */
@NullMarked
package winequality.model;

import org.jspecify.annotations.NullMarked;
