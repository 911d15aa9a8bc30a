package sparkmlflow.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import winequality.gate.GateSettings;
import winequality.gate.GateSettings.GateMode;
import winequality.gate.TestRegistrySettings;
import winequality.gate.VersionSettings.OldVersions;

class RegistrySettingsTest {

  private static RegistrySettings settings(String name, String alias) {
    return new RegistrySettings(name, alias, LifecycleKind.AUTO);
  }

  @Test
  void aNegativeNumberOfVersionsIsRefused() {
    assertThatThrownBy(() -> TestRegistrySettings.keeping(-1, OldVersions.ARCHIVE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("registry.keep-versions is -1; it must be 0 (all) or more");
  }

  @Test
  void theGatesFiguresAreCheckedTogether() {
    assertThatThrownBy(() -> new GateSettings(GateMode.OFF, 0.7, -0.1, Double.NaN, -1.0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            """
            registry.gate.confidence is 0.7; it must lie between 0.75 and 0.999, such as 0.95
            registry.gate.tolerance is -0.1; it must lie between 0 and 1, as a share
            registry.gate.mae-allowance is NaN; it must lie between 0 and 1, as a share
            registry.gate.profile-allowance is -1.0; it must be 0 or more""");
  }

  @Test
  void theBoundIsTheUpperEndOfAnIntervalThatLeavesAsMuchBelow() {
    assertThat(new GateSettings(GateMode.OFF, 0.96, 0.0, 0.0, 0.0).intervalConfidence())
        .isCloseTo(0.92, within(1e-12));
  }

  @Test
  void blanksAroundNamesAreDropped() {
    assertThat(settings(" wine-quality ", " challenger "))
        .isEqualTo(settings("wine-quality", "challenger"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a/b", "a:b", "a'b\"c"})
  void aNameThatNoRegistryTakesIsRefused(String name) {
    assertThatThrownBy(() -> settings(name, "challenger"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("modelName is ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "v1", "V12", "latest", "champion", "previous"})
  void anAliasThatNoRegistryTakesIsRefused(String alias) {
    assertThatThrownBy(() -> settings("wine", alias))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("alias is ");
  }
}
