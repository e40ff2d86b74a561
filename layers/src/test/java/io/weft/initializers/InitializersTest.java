package io.weft.initializers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ShapeException;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import org.junit.jupiter.api.Test;

class InitializersTest {
  @Test
  void oneInstanceRepeatsItselfAndTwoWithoutSeedsDiffer() {
    Shape s = Shape.of(3, 4);
    Initializer a = VarianceScaling.glorotUniform();
    Initializer b = VarianceScaling.glorotUniform();
    assertThat(a.create(s, DType.FLOAT32).toFloatArray())
        .isEqualTo(a.create(s, DType.FLOAT32).toFloatArray())
        .isNotEqualTo(b.create(s, DType.FLOAT32).toFloatArray());
  }

  @Test
  void equalSeedsDrawEqualNumbers() {
    Shape s = Shape.of(5);
    assertThat(new RandomNormal(1, 2, 7).create(s, DType.FLOAT64).toDoubleArray())
        .isEqualTo(new RandomNormal(1, 2, 7).create(s, DType.FLOAT64).toDoubleArray());
  }

  @Test
  void fansFollowTheAxesWhereGiven() {
    Config c = Config.of("scale", 1.0, "mode", "fan_in", "distribution", "uniform", "seed", 1);
    Tensor wide = new VarianceScaling(c).create(Shape.of(100, 2, 3), DType.FLOAT64);
    Tensor narrow =
        new VarianceScaling(c)
            .withAxes(new int[] {1}, new int[] {0, 2})
            .create(Shape.of(100, 2, 3), DType.FLOAT64);
    assertThat(Ops.max(wide, null, false).item()).isLessThan(Math.sqrt(3.0 / 200));
    assertThat(Ops.max(narrow, null, false).item())
        .isCloseTo(Math.sqrt(3.0 / 2), within(0.05))
        .isLessThan(Math.sqrt(3.0 / 2));
  }

  @Test
  void namesAndAliasesOfKerasAreKnown() {
    for (String name :
        new String[] {"glorot_uniform", "HeNormal", "normal", "uniform", "zero", "one", "stft"}) {
      assertThat(Registry.standard().named(Initializer.class, name)).as(name).isNotNull();
    }
  }

  @Test
  void orthogonalNeedsAMatrix() {
    assertThatThrownBy(() -> new Orthogonal(1).create(Shape.of(3), DType.FLOAT32))
        .isInstanceOf(ShapeException.class)
        .hasMessage("Orthogonal: expected a rank of at least 2. Received: shape (3,)");
  }
}
