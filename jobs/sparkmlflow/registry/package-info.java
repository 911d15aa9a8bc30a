/**
 * Versions of a registered model: made once from a complete upload, given a role, fetched again.
 *
 * <p>In: a {@link sparkmlflow.artifacts.VerifiedFolder} and a name. Out: the version, its aliases
 * or stages, its files. Whether a version may become the champion is not decided here.
 *
 * <p>Proven: against a real MLflow server ({@code VersionFetcherIT}, {@code RealMlflowIT}). Unity
 * Catalog and the registry of a workspace: a stand-in only.
 */
@NullMarked
package sparkmlflow.registry;

import org.jspecify.annotations.NullMarked;
