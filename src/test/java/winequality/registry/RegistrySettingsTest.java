package winequality.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrySettingsTest {

  @Test
  void blanksAroundNamesAreDropped() {
    assertThat(new RegistrySettings(true, " wine-quality ", " challenger "))
        .isEqualTo(new RegistrySettings(true, "wine-quality", "challenger"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a/b", "a:b", "a'b\"c"})
  void aNameThatNoRegistryTakesIsRefused(String name) {
    assertThatThrownBy(() -> new RegistrySettings(true, name, "challenger"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("registry.model-name is ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "v1", "V12", "latest"})
  void anAliasThatNoRegistryTakesIsRefused(String alias) {
    assertThatThrownBy(() -> new RegistrySettings(false, "wine", alias))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("registry.alias is ");
  }
}
