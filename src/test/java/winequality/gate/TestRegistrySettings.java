package winequality.gate;

import sparkmlflow.registry.LifecycleKind;
import sparkmlflow.registry.RegistrySettings;
import winequality.gate.GateSettings.GateMode;
import winequality.gate.VersionSettings.OldVersions;

/** Settings as the reference has them, for one model. */
public final class TestRegistrySettings {

  private TestRegistrySettings() {}

  public static RegistrySettings named(String model) {
    return RegistrySettings.of(model);
  }

  public static RegistrySettings named(String model, LifecycleKind lifecycle) {
    return new RegistrySettings(model, "challenger", lifecycle);
  }

  public static VersionSettings keeping(int versions, OldVersions old) {
    return new VersionSettings(true, versions, old, gate(GateMode.AUTOMATIC));
  }

  public static GateSettings gate(GateMode mode) {
    return new GateSettings(mode, 0.96, 0.0, 0.01, 0.5);
  }
}
