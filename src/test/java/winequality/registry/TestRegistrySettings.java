package winequality.registry;

/** Settings as the reference has them, for one model. */
public final class TestRegistrySettings {

  private TestRegistrySettings() {}

  public static RegistrySettings named(String model) {
    return named(model, LifecycleKind.AUTO);
  }

  public static RegistrySettings named(String model, LifecycleKind lifecycle) {
    return new RegistrySettings(
        true, model, "challenger", lifecycle, 0, OldVersions.ARCHIVE, gate(GateMode.AUTOMATIC));
  }

  public static RegistrySettings keeping(int versions, OldVersions old, LifecycleKind lifecycle) {
    return new RegistrySettings(
        true, "wine", "challenger", lifecycle, versions, old, gate(GateMode.AUTOMATIC));
  }

  public static GateSettings gate(GateMode mode) {
    return new GateSettings(mode, 0.96, 0.0, 0.01, 0.5);
  }
}
