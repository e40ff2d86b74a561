package io.weft.systems.aidotnet;

import static io.weft.systems.aidotnet.ManualLayerTest.assertClose;
import static io.weft.systems.aidotnet.ManualLayerTest.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Flash attention is attention. */
class FlashAttentionTest {
  /** softmax(scale · q kᵀ) v by the formula, the keys after {@code offset + t} left out. */
  private static Tensor formula(Tensor q, Tensor k, Tensor v, boolean causal, int offset) {
    Tensor s = Ops.matmul(q, Ops.swapaxes(k, -1, -2)).times(1 / Math.sqrt(q.dim(-1)));
    if (causal) {
      Tensor t = Ops.expandDims(Ops.arange(q.dim(-2)).plus(Tensor.scalar(offset)), 1);
      s = Ops.where(Ops.lessEqual(Ops.arange(k.dim(-2)), t), s, Tensor.scalar(-1e9f));
    }
    return Ops.matmul(Ops.softmax(s, -1), v);
  }

  @Test
  void equalsTheFormula() {
    for (int[] sizes : new int[][] {{1, 1}, {5, 5}, {9, 4}, {4, 9}, {1, 300}, {70, 130}}) {
      for (int offset : new int[] {0, 3}) {
        for (boolean causal : new boolean[] {false, true}) {
          Tensor q = random(1, 2, 3, sizes[0], 4);
          Tensor k = random(2, 2, 3, sizes[1], 4);
          Tensor v = random(3, 2, 3, sizes[1], 5);
          var config =
              FlashAttentionConfig.DEFAULT
                  .with("useCausalMask", causal)
                  .with("returnAttentionWeights", true);
          FlashAttention.Result r = FlashAttention.forward(q, k, v, config, offset);
          assertClose(r.output(), formula(q, k, v, causal, offset), 1e-5);
          Tensor w = r.weights().orElseThrow();
          assertClose(Ops.matmul(w, v), r.output(), 1e-5);
          assertClose(Ops.sum(w, -1), Ops.ones(Shape.of(2, 3, sizes[0]), w.dtype()), 1e-5);
        }
      }
    }
  }

  @Test
  void blockSizesChangeNothing() {
    Tensor x = random(1, 2, 16, 4);
    Tensor expected = FlashAttention.forward(x, x, x, FlashAttentionConfig.CAUSAL).output();
    for (int block : new int[] {1, 4, 8, 16}) {
      var config =
          FlashAttentionConfig.CAUSAL.with("blockSizeQ", block).with("blockSizeKV", block + 1);
      assertClose(FlashAttention.forward(x, x, x, config).output(), expected, 0);
    }
  }

  @Test
  void presetsAreTheOriginals() {
    assertThat(FlashAttentionConfig.DEFAULT.blockSizeQ()).isEqualTo(64);
    assertThat(FlashAttentionConfig.CAUSAL.useCausalMask()).isTrue();
    assertThat(FlashAttentionConfig.MEMORY_EFFICIENT.blockSizeKV()).isEqualTo(32);
    assertThat(FlashAttentionConfig.HIGH_PERFORMANCE.blockSizeQ()).isEqualTo(128);
    assertThat(FlashAttentionConfig.HIGH_PERFORMANCE.recomputeInBackward()).isFalse();
    assertThat(FlashAttentionConfig.of(Config.of("UseCausalMask", true, "BlockSizeQ", 32)))
        .isEqualTo(FlashAttentionConfig.CAUSAL.with("blockSizeQ", 32));
    assertThatThrownBy(() -> FlashAttentionConfig.of(Config.of("Blocks", 3)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("blocks");
    assertThatThrownBy(() -> FlashAttentionConfig.DEFAULT.with("blockSizeQ", 0))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> FlashAttentionConfig.DEFAULT.with("precision", "Float8"))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> FlashAttentionConfig.DEFAULT.with("dropoutProbability", 1.0))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor q = random(1, 2, 4, 8);
    FlashAttentionConfig c = FlashAttentionConfig.DEFAULT;
    List<List<Tensor>> bad =
        List.of(
            List.of(q, random(1, 2, 2, 4, 8), q),
            List.of(random(1, 4, 8), random(1, 4, 8), random(1, 4, 8)),
            List.of(q, random(1, 3, 4, 8), random(1, 3, 4, 8)),
            List.of(q, random(1, 2, 4, 7), q),
            List.of(q, q, random(1, 2, 5, 8)));
    for (List<Tensor> t : bad.subList(0, 1)) {
      assertThatThrownBy(() -> FlashAttention.forward(t.get(0), t.get(1), t.get(2), c))
          .isInstanceOf(ShapeException.class);
    }
    for (List<Tensor> t : bad.subList(2, 5)) {
      assertThatThrownBy(() -> FlashAttention.forward(t.get(0), t.get(1), t.get(2), c))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining(t.get(1).shape().toString());
    }
    assertThatThrownBy(() -> FlashAttention.forward(q, q, q, c, -1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("queryOffset");
  }

  @Test
  void thresholdChangesNothing() {
    for (boolean causal : new boolean[] {false, true}) {
      DiffusionAttention flash = diffusion(causal, 1);
      DiffusionAttention plain = diffusion(causal, 1000);
      Tensor x = random(1, 2, 8, 5, 6);
      Tensor dy = random(2, 2, 8, 5, 6);
      assertClose(flash.forward(x), plain.forward(x), 1e-5);
      assertClose(flash.backward(dy).get(0), plain.backward(dy).get(0), 1e-5);
      assertClose(flash.parameterGradients(), plain.parameterGradients(), 1e-4);
      assertThat(flash.diagnostics()).containsEntry("LastUsedFlashAttention", "True");
      assertThat(plain.diagnostics()).containsEntry("LastUsedFlashAttention", "False");
    }
  }

  private static DiffusionAttention diffusion(boolean causal, int threshold) {
    return DiffusionAttention.builder(8)
        .numHeads(2)
        .seed(1)
        .causal(causal)
        .flashAttentionThreshold(threshold)
        .build();
  }

  @Test
  void anImageIsItsPixels() {
    DiffusionCrossAttention layer =
        DiffusionCrossAttention.builder(8, 6).numHeads(2).seed(1).build();
    Tensor image = random(1, 2, 8, 3, 4);
    Tensor tokens = Ops.swapaxes(Ops.reshape(image, 2, 8, 12), 1, 2);
    Tensor context = random(2, 2, 5, 6);
    Tensor y = layer.forwardWithContext(image, context);
    Tensor expected = layer.forwardWithContext(tokens, context);
    assertClose(Ops.swapaxes(Ops.reshape(y, 2, 8, 12), 1, 2), expected, 1e-6);
  }

  @Test
  void settingsOfTheLayerCount() {
    Tensor x = random(1, 2, 6, 8);
    Tensor exact = flash(FlashAttentionConfig.DEFAULT).forward(x);
    Tensor half = flash(FlashAttentionConfig.DEFAULT.with("precision", "Float16")).forward(x);
    assertClose(half, exact, 1e-2);
    assertThat(half.toFloatArray()).isNotEqualTo(exact.toFloatArray());
    Tensor scaled = flash(FlashAttentionConfig.DEFAULT.with("scaleFactor", 3.0)).forward(x);
    assertThat(scaled.toFloatArray()).isNotEqualTo(exact.toFloatArray());
    List<Tensor> both =
        flash(FlashAttentionConfig.DEFAULT.with("returnAttentionWeights", true))
            .applyAll(List.of(x), CallArgs.NONE);
    assertClose(both.get(0), exact, 1e-6);
    assertThat(both.get(1).shape()).isEqualTo(Shape.of(2, 2, 6, 6));
    FlashAttentionLayer drops = flash(FlashAttentionConfig.DEFAULT.with("dropoutProbability", 0.5));
    assertThat(drops.forward(x).toFloatArray()).isNotEqualTo(exact.toFloatArray());
    drops.setTrainingMode(false);
    assertClose(drops.forward(x), exact, 1e-6);
  }

  private static FlashAttentionLayer flash(FlashAttentionConfig config) {
    return FlashAttentionLayer.builder(6, 8, 2).seed(5).settings(config).build();
  }

  @Test
  void takesAnyNumberOfLeadingAxes() {
    FlashAttentionLayer layer = flash(FlashAttentionConfig.DEFAULT);
    Tensor x = random(1, 2, 3, 6, 8);
    Tensor expected = layer.forward(Ops.reshape(x, 6, 6, 8));
    assertClose(Ops.reshape(layer.forward(x), 6, 6, 8), expected, 0);
    assertThat(layer.forward(random(1, 8)).shape()).isEqualTo(Shape.of(8));
    assertThat(layer.forward(random(1, 4, 8)).shape()).isEqualTo(Shape.of(4, 8));
  }

  @Test
  void passTheBattery() {
    LayerBattery.of(new CrossAttentionLayer(8, 6, 2), Shape.of(2, 4, 8), Shape.of(2, 3, 6))
        .outputShape(2, 4, 8)
        .weights(5)
        .run();
    LayerBattery.of(new CrossAttentionLayer(4, 4, 2), Shape.of(2, 4, 2, 2)).run();
    LayerBattery.of(
            DiffusionCrossAttention.builder(4, 6).numHeads(2).build(),
            Shape.of(2, 4, 2, 3),
            Shape.of(2, 3, 6))
        .run();
    for (int threshold : new int[] {1, 100}) {
      LayerBattery.of(
              DiffusionAttention.builder(4)
                  .numHeads(2)
                  .causal(true)
                  .flashAttentionThreshold(threshold)
                  .build(),
              Shape.of(2, 4, 2, 3))
          .run();
    }
    LayerBattery.of(
            FlashAttentionLayer.builder(5, 8, 2).activation("tanh").build(), Shape.of(2, 5, 8))
        .run();
    LayerBattery.of(new FlashAttention(), Shape.of(2, 5, 4), Shape.of(2, 3, 4), Shape.of(2, 3, 6))
        .run();
  }
}
