/**
 * Versions of a registered model: created only for a complete upload, found again when a call is
 * repeated, and given alias, tags and description.
 *
 * <p>In: a run and the folder that was uploaded for it. Out: the version. Files are not moved here.
 */
@NullMarked
package winequality.registry;

import org.jspecify.annotations.NullMarked;
