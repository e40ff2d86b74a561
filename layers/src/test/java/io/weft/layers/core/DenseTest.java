package io.weft.layers.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

class DenseTest {
  private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);

  @Test
  void lowRankChangesAreMergedInFilesAndClearedAfterLoading() {
    Dense dense = new Dense(Config.of("units", 2, "lora_rank", 1, "lora_alpha", 3));
    dense.build(Shape.of(-1, 2));
    dense.setWeights(
        List.of(
            Tensor.of(new float[] {1, 0, 0, 1}, 2, 2),
            Tensor.of(new float[] {0, 0}, 2),
            Tensor.of(new float[] {1, 2}, 2, 1),
            Tensor.of(new float[] {1, 1}, 1, 2)));
    float[] y = dense.apply(X).toFloatArray();
    assertThat(dense.savedVariables()).extracting(Variable::name).containsExactly("kernel", "bias");
    Tensor merged = dense.savedValue(0);
    assertThat(merged.toFloatArray()).containsExactly(4, 3, 6, 7);
    dense.savedVariables().get(0).assign(merged);
    dense.afterLoad();
    assertThat(dense.apply(X).toFloatArray()).isEqualTo(y);
    assertThat(dense.trainableWeights()).extracting(Variable::name).doesNotContain("kernel");
  }

  @Test
  void aLayerMayStandForTheActivation() {
    Dense dense = Dense.builder(2).activation("linear").build();
    Dense leaky = new Dense(Config.of("units", 2, "activation", new LeakyReLU(0.5)));
    dense.build(Shape.of(-1, 2));
    leaky.build(Shape.of(-1, 2));
    List<Tensor> w =
        List.of(Tensor.of(new float[] {1, -1, 0, 0}, 2, 2), Tensor.of(new float[] {0, 0}, 2));
    dense.setWeights(w);
    leaky.setWeights(w);
    assertThat(dense.apply(X).toFloatArray()).containsExactly(1, -1, 3, -3);
    assertThat(leaky.apply(X).toFloatArray()).containsExactly(1, -0.5f, 3, -1.5f);
    Config activation = (Config) leaky.getConfig().pure().get("activation");
    assertThat(activation.get("class_name")).isEqualTo("LeakyReLU");
  }

  @Test
  void refusalsSayWhoExpectedWhatAndWhatCame() {
    assertThatThrownBy(() -> new Dense(0))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Dense: units must be a positive integer. Received: units=0");
    Dense dense = Dense.builder(3).name("fc").build();
    dense.build(Shape.of(-1, 5));
    assertThatThrownBy(() -> dense.apply(X))
        .isInstanceOf(ShapeException.class)
        .hasMessage("Dense 'fc': input 0: expected size 5 at axis -1. Received: shape (2, 2)");
  }
}
