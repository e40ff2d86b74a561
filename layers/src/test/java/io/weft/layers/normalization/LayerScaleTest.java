package io.weft.layers.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerScaleTest {
  /** As a ConvNeXt file of Keras 3.15.1 names it. */
  private static final Config ENVELOPE =
      Config.of(
          "module",
          "keras.src.applications.convnext",
          "class_name",
          "LayerScale",
          "config",
          Config.of("name", "scale", "init_values", 0.5, "projection_dim", 3),
          "registered_name",
          "LayerScale");

  @Test
  void isRestoredByTheNameInFiles() {
    LayerScale layer = (LayerScale) Registry.standard().restore(ENVELOPE, "layer");
    Config written = (Config) Config.pure(layer.serialized());
    assertThat(written.get("module")).isEqualTo("keras.src.applications.convnext");
    assertThat(written.get("registered_name")).isEqualTo("LayerScale");
    assertThat(((Config) written.get("config")).get("projection_dim")).isEqualTo(3L);
  }

  @Test
  void scalesTheLastAxis() {
    LayerScale layer = new LayerScale(0.5, 3);
    layer.build(Shape.of(-1, 2, 3));
    layer.setWeights(List.of(Tensor.of(new float[] {1, -2, 3})));
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = layer.apply(x);
      assertThat(y.toFloatArray()).containsExactly(1, -4, 9, 4, -10, 18);
      Tensor g = tape.gradients(List.of(Ops.sum(y)), null, List.of(x)).get(0);
      assertThat(g.toFloatArray()).containsExactly(1, -2, 3, 1, -2, 3);
    }
  }

  @Test
  void refusesOtherSizes() {
    assertThatThrownBy(() -> new LayerScale(0.5, 0)).isInstanceOf(ConfigException.class);
    LayerScale layer = new LayerScale(0.5, 3);
    assertThatThrownBy(() -> layer.apply(Tensor.of(new float[8], 2, 4)))
        .isInstanceOf(ShapeException.class);
  }
}
