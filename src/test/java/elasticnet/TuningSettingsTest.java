package elasticnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import elasticnet.solver.ColumnScaling;
import elasticnet.solver.Penalty;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldSettings;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TuningSettingsTest {
  private static final RegParams FEW = new RegParams.Grid(List.of(0.3, 0.03));

  @Test
  void badSettingsAreRefusedByTheirKey() {
    assertThatThrownBy(() -> new RegParams.Grid(List.of()))
        .hasMessageStartingWith("regParams is empty");
    assertThatThrownBy(() -> new RegParams.Grid(List.of(1.0, Double.NaN)))
        .hasMessageStartingWith("regParams has NaN");
    assertThatThrownBy(() -> new RegParams.Grid(List.of(-1.0)))
        .hasMessageStartingWith("regParams has -1.0");
    assertThatThrownBy(() -> new RegParams.Grid(List.of(Double.POSITIVE_INFINITY)))
        .hasMessageStartingWith("regParams has Infinity");
    assertThat(new RegParams.Grid(List.of(0.0, 0.5)).values()).containsExactly(0.5, 0.0);
    assertThatThrownBy(() -> new RegParams.Sequence(1, 0.1))
        .hasMessage("length is 1; it must lie between 2 and 10000");
    assertThatThrownBy(() -> new RegParams.Sequence(10_001, 0.1))
        .hasMessage("length is 10001; it must lie between 2 and 10000");
    assertThatThrownBy(() -> new RegParams.Grid(List.of(1.0, 0.5, 1.0)))
        .hasMessage("regParams is [1.0, 0.5, 1.0]; it must not hold a value twice");
    assertThatThrownBy(() -> new FoldSettings(5, LongStream.range(0, 101).boxed().toList()))
        .hasMessageStartingWith("seeds has 101 seeds");
    assertThatThrownBy(() -> new RegParams.Sequence(100, 1.0))
        .hasMessageStartingWith("minRatio is 1.0");
    assertThatThrownBy(() -> new RegParams.Sequence(100, 0.0))
        .hasMessageStartingWith("minRatio is 0.0");
    assertThatThrownBy(() -> new RegParams.Sequence(100, Double.NaN))
        .hasMessageStartingWith("minRatio is NaN");
    assertThatThrownBy(() -> new SolverSettings(0.0, 1))
        .hasMessageStartingWith("dualityGap is 0.0");
    assertThatThrownBy(() -> new SolverSettings(1.0, 1))
        .hasMessageStartingWith("dualityGap is 1.0");
    assertThatThrownBy(() -> new SolverSettings(0.1, 0))
        .hasMessage("maxSweeps is 0; it must be at least 1");
    assertThatThrownBy(() -> Goldens.settings(List.of(), FEW, ColumnScaling.AS_IS))
        .hasMessageStartingWith("elasticNetParams is empty");
    assertThatThrownBy(() -> Goldens.settings(List.of(0.5, 0.5), FEW, ColumnScaling.AS_IS))
        .hasMessageStartingWith("elasticNetParams is [0.5, 0.5]");
    assertThatThrownBy(() -> Goldens.settings(List.of(1.5), FEW, ColumnScaling.AS_IS))
        .hasMessageStartingWith("elasticNetParams has 1.5");
    assertThatThrownBy(() -> new Penalty(Double.NaN, 0.1))
        .hasMessageStartingWith("elasticNetParam is NaN");
    assertThatThrownBy(() -> new Penalty(0.1, -0.1)).hasMessageStartingWith("regParam is -0.1");
    assertThatThrownBy(() -> new Penalty(0.1, Double.POSITIVE_INFINITY))
        .hasMessageStartingWith("regParam is Infinity");
  }
}
