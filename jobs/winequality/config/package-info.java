/**
 * Settings: read in layers, checked all at once, handed to each stage as its own record.
 *
 * <p>In: {@code reference.conf}, a settings file, the environment, {@code --set}. Out: one record
 * of settings a stage, or one message with everything that is wrong. Typesafe Config is known here
 * only; no stage sees it.
 *
 * <p>Proven: on every key by {@code SettingsLoaderTest}.
 */
@NullMarked
package winequality.config;

import org.jspecify.annotations.NullMarked;
