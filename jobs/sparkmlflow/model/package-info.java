/**
 * A fitted pipeline as an MLflow model folder, written and read without Python.
 *
 * <p>In: a pipeline of Spark's own stages, its input columns and an example; for reading, a model
 * folder. Out: a local folder with MLmodel, Spark files, signature, example, environment and, for a
 * linear model, an ONNX file; for reading, the pipeline. Nothing is uploaded or downloaded here.
 *
 * <p>The Spark pipeline, the expression of {@link sparkmlflow.model.LoadedModel} and the ONNX graph
 * all compute {@code prediction = intercept + Σ coefficient · value}. The values are those of the
 * regression's columns: numbers with their gaps filled, and 1 or 0 for each level and each
 * indicator of a gap. They agree up to rounding on any processor: the vector unit and the library
 * choose the order of the sum, so the last digits may differ. With n columns, m = n + 1, u = 2⁻⁵³,
 * γ = m·u / (1 − m·u) and S = |intercept| + Σ |coefficient · value|, each prediction is within γ·S
 * of the sum without rounding, so two of them differ by at most 2·γ·S, unless a product overflows
 * or is subnormal. For the red wines and λ = 0.01, 2·γ·S is at most 2.3e-14.
 *
 * <p>A missing number (null or NaN) is filled if the pipeline has a surrogate, and refused
 * otherwise. A missing text is an unknown level: it has the coefficient of unknown levels if the
 * pipeline keeps them ({@code handleInvalid = keep}), and is refused otherwise. Where the flavors
 * cannot agree, one refuses: the graph refuses infinity and, with categories, subnormal numbers;
 * PySpark refuses a request in which a column of texts has no value at all; a model with a level
 * such as {@code None}, which ONNX Runtime's Python also writes for a missing text, has no graph.
 *
 * <p>Proven: loaded by MLflow's Python, ONNX Runtime and {@code mlflow models serve} ({@code
 * ModelFolderIT}, {@code AgreementIT}).
 *
 * @see <a href="https://doi.org/10.1137/1.9780898718027">Higham (2002), Accuracy and Stability of
 *     Numerical Algorithms, section 3.1: |fl(x·y) − x·y| ≤ γ Σ |x·y| in any order of the sum</a>
 */
@NullMarked
package sparkmlflow.model;

import org.jspecify.annotations.NullMarked;
