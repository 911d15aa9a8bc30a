package com.databricks.config;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands in for the class of that name on a Databricks cluster, which mlflow-client looks for.
 * Empty unless a test puts something into it.
 */
public final class DatabricksClientSettingsProvider extends AbstractMap<String, String> {

  /** What the cluster vends at the moment. */
  public static final Map<String, String> VENDED = new ConcurrentHashMap<>();

  @Override
  public Set<Entry<String, String>> entrySet() {
    return VENDED.entrySet();
  }
}
