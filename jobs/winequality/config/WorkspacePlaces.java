package winequality.config;

/**
 * Where a workspace keeps what belongs to the jobs. Nothing reads it as a setting of its own;
 * {@code conf/databricks.conf} puts the names of tables, paths and model together from it.
 */
record WorkspacePlaces(String catalog, String schema, String volume) {

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException if one has a dot, a slash or a space, or is empty
   */
  WorkspacePlaces {
    check("databricks.catalog", catalog);
    check("databricks.schema", schema);
    check("databricks.volume", volume);
  }

  private static void check(String key, String name) {
    if (!name.matches("[^./\\s`]+")) {
      throw new IllegalArgumentException(
          key + " is \"" + name + "\"; it must be one name, without a dot, a slash or a space");
    }
  }
}
