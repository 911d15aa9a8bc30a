/**
 * Settings: read in layers, checked together, passed to each stage as a record.
 *
 * <p>In: {@code reference.conf}, a settings file, the environment, {@code --set}. Out: a record for
 * each stage, or one message with all problems. Only this package uses Typesafe Config.
 *
 * <p>Proven: for every key by {@code SettingsLoaderTest}.
 */
@NullMarked
package winequality.config;

import org.jspecify.annotations.NullMarked;
