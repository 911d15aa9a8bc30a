package winequality.registry;

import winequality.mlflow.ModelVersion;
import winequality.mlflow.Run;
import winequality.mlflow.VerifiedFolder;

/**
 * A version with its files on this machine.
 *
 * @param run the run that the version was made from
 * @param files the model folder, whole
 */
public record FetchedVersion(ModelVersion version, Run run, VerifiedFolder files) {}
