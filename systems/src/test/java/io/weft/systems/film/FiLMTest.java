package io.weft.systems.film;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import io.weft.testing.LayerBattery;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FiLM starts as the identity, and its block has five places for it. */
class FiLMTest {
  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  @Test
  void startsAsTheIdentity() {
    Tensor x = random(1, 2, 3, 4, 5);
    assertThat(new FiLM(1).apply(x, random(2, 2, 7)).toFloatArray()).isEqualTo(x.toFloatArray());
    Tensor doubled = new FiLM(Config.of("gammaBaseline", 2.0)).apply(x, random(2, 2, 7));
    assertThat(doubled.toFloatArray()).isEqualTo(x.times(2).toFloatArray());
  }

  /** {@code dγ = Σ dy·x} and {@code dβ = Σ dy} over the places of a channel. */
  @Test
  void gradientsAreSumsOverPlaces() {
    FiLM layer = new FiLM(1);
    Tensor x = random(1, 1, 3, 4, 5);
    Tensor z = random(2, 1, 2);
    Tensor dy = random(3, 1, 3, 4, 5);
    layer.apply(x, z);
    Tensor bias = layer.weights().get(1).concrete();
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = layer.apply(x, z);
      float[] g = tape.gradients(List.of(y), List.of(dy), List.of(bias)).get(0).toFloatArray();
      float[] gamma = Ops.sum(dy.times(x), 0, 2, 3).toFloatArray();
      float[] beta = Ops.sum(dy, 0, 2, 3).toFloatArray();
      for (int c = 0; c < 3; c++) {
        assertThat(g[c]).isCloseTo(gamma[c], within(1e-4f));
        assertThat(g[3 + c]).isCloseTo(beta[c], within(1e-4f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"conv-film", "bn-film", "relu-film", "block-input-film", "block-output-film"})
  void blockPassesTheBattery(String placement) {
    LayerBattery.of(new FiLMResidualBlock(3, placement), Shape.of(2, 4, 5, 3), Shape.of(2, 6))
        .outputShape(2, 4, 5, 3)
        .run();
  }

  @Test
  void placesDiffer() {
    Tensor x = random(1, 2, 4, 4, 3);
    Tensor z = random(2, 2, 5);
    Tensor[] results = new Tensor[5];
    List<Tensor> weights = null;
    int i = 0;
    for (String place :
        List.of("conv-film", "bn-film", "relu-film", "block-input-film", "block-output-film")) {
      FiLMResidualBlock block = new FiLMResidualBlock(3, place);
      block.build(x.shape(), z.shape());
      if (weights == null) {
        weights = new ArrayList<>();
        for (Variable v : block.weights()) {
          Tensor w = random(9, v.shape().dims());
          weights.add(v.name().equals("moving_variance") ? Ops.abs(w).plus(0.1) : w);
        }
      }
      block.setWeights(weights);
      results[i++] = block.apply(x, z);
    }
    for (int a = 0; a < 5; a++) {
      for (int b = 0; b < a; b++) {
        assertThat(results[a].toFloatArray()).isNotEqualTo(results[b].toFloatArray());
      }
    }
  }

  @Test
  void passesTheBattery() {
    LayerBattery.of(new FiLM(), Shape.of(2, 4, 3), Shape.of(2, 5)).weights(2).run();
    LayerBattery.of(new FiLM(1), Shape.of(2, 3, 4, 4), Shape.of(2, 5)).run();
    LayerBattery.of(new FiLM(), Shape.of(2, 3), Shape.of(2, 5)).run();
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = random(1, 2, 4, 3);
    assertThatThrownBy(() -> new FiLM().apply(x)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new FiLM(3).apply(x, random(2, 2, 5)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("axis 3");
    assertThatThrownBy(
            () -> new FiLM(Config.of("condition", 4, "channels", 3)).apply(x, random(2, 2, 5)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("condition (batch, 4)")
        .hasMessageContaining("(2, 5)");
    assertThatThrownBy(() -> new FiLM().apply(x, random(2, 2, 1, 5)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new FiLM(Config.of("channels", 0)))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new FiLMResidualBlock(3, "nowhere"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("placement");
  }
}
