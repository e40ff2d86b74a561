package io.weft.layers.attention;

import static io.weft.layers.Randoms.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layers.Randoms;
import io.weft.layers.rnn.LSTM;
import io.weft.layers.wrapper.TimeDistributed;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttentionTest {
  private final Randoms random = new Randoms(5);
  private final Tensor first = random.normal(2, 3, 4);
  private final Tensor second = random.normal(2, 5, 6);

  private <L extends Layer> L filled(L layer, Shape... shapes) {
    layer.build(shapes);
    layer.setWeights(layer.weights().stream().map(v -> random.normal(v.shape().dims())).toList());
    return layer;
  }

  @Test
  void oneKeyMakesAllRowsEqual() {
    CrossAttention layer = filled(new CrossAttention(8, 2), first.shape(), Shape.of(2, 1, 6));
    Tensor y = layer.apply(first, Ops.slice(second, new int[3], new int[] {2, 1, 6}));
    Tensor row = Ops.slice(y, new int[3], new int[] {2, 1, 8});
    assertClose(y, Ops.broadcastTo(row, y.shape()), 1e-5f);
  }

  @Test
  void hiddenPairHasNoInfluence() {
    CrossAttention layer = filled(new CrossAttention(8, 2), first.shape(), second.shape());
    boolean[] keep = {true, true, true, true, false, true, true, true, true, false};
    CallArgs call = CallArgs.of("value_mask", Tensor.of(keep, 2, 5));
    Tensor other =
        Ops.concatenate(
            List.of(Ops.slice(second, new int[3], new int[] {2, 4, 6}), random.normal(2, 1, 6)), 1);
    assertThat(layer.apply(List.of(first, other), call).toFloatArray())
        .isEqualTo(layer.apply(List.of(first, second), call).toFloatArray());
  }

  @Test
  void orderOfPairsDoesNotMatter() {
    MultiHeadAttention layer = filled(new MultiHeadAttention(2, 3), first.shape(), second.shape());
    assertClose(layer.apply(first, Ops.flip(second, 1)), layer.apply(first, second), 1e-4f);
  }

  @Test
  void bothWaysToComputeAgree() {
    for (Layer layer :
        List.of(new MultiHeadAttention(2, 3), new GroupQueryAttention(3, 4, 2), new Attention())) {
      Tensor other = random.normal(2, 5, 4);
      filled(layer, first.shape(), other.shape());
      CallArgs call = CallArgs.of("use_causal_mask", true);
      Tensor fused = layer.apply(List.of(first, other), call);
      call = call.with("return_attention_scores", true);
      assertClose(layer.applyAll(List.of(first, other), call).get(0), fused, 1e-4f);
    }
  }

  @Test
  void rowWithoutKeysGetsTheAverageAndNoGradient() {
    MultiHeadAttention layer = filled(new MultiHeadAttention(2, 3), first.shape(), second.shape());
    CallArgs none = CallArgs.of("value_mask", Tensor.of(new boolean[10], 2, 5));
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = layer.apply(List.of(first, second), none);
      Tensor g = tape.gradients(List.of(y), null, List.of(first)).get(0);
      assertThat(g == null || Ops.max(Ops.abs(g), new int[] {0, 1, 2}, false).item() == 0).isTrue();
    }
  }

  @Test
  void zeroMemoryIsIdentityAndRandomRowsDiffer() {
    MemoryAugmentedAttention zero =
        MemoryAugmentedAttention.builder(4, 3, 2).memoryInitializer("zeros").build();
    assertClose(zero.apply(first), first, 0f);
    MemoryAugmentedAttention usual = new MemoryAugmentedAttention(4, 3, 2);
    usual.build(first.shape());
    float[] memory = usual.getWeights().get(0).toFloatArray();
    assertThat(memory[0]).isNotEqualTo(memory[4]);
  }

  @Test
  void projectionsStartWithDifferentNumbers() {
    MultiHeadAttention layer = new MultiHeadAttention(2, 3);
    layer.build(first.shape(), first.shape());
    List<Variable> w = layer.weights();
    assertThat(w.get(0).shape()).isEqualTo(w.get(2).shape());
    assertThat(w.get(0).value().toFloatArray()).isNotEqualTo(w.get(2).value().toFloatArray());
  }

  @Test
  void hierarchicalFusionsAreOfTheSameTwoAttentions() {
    HierarchicalAttention sum = new HierarchicalAttention(4, 2);
    HierarchicalAttention concat = HierarchicalAttention.builder(4, 2).fusion("concat").build();
    HierarchicalAttention gated = HierarchicalAttention.builder(4, 2).fusion("gated").build();
    Tensor y = sum.apply(first, first);
    concat.build(first.shape(), first.shape());
    concat.setWeights(sum.getWeights());
    Tensor both = concat.apply(first, first);
    assertThat(both.dim(2)).isEqualTo(8);
    List<Tensor> halves = Ops.split(both, 2, -1);
    assertClose(halves.get(0).plus(halves.get(1)), y, 1e-5f);
    gated.apply(first, first);
    List<Tensor> weights = new java.util.ArrayList<>(sum.getWeights());
    weights.addAll(List.of(Tensor.of(new float[32], 8, 4), Tensor.of(new float[4], 4)));
    gated.setWeights(weights);
    assertClose(gated.apply(first, first).times(2), y, 1e-5f); // an open gate of one half
    assertThat(sum.getConfig().has("fusion")).isFalse();
    assertThatThrownBy(() -> HierarchicalAttention.builder(4, 2).fusion("mean").build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("fusion");
  }

  @Test
  void refusalsNameTheArgument() {
    assertThatThrownBy(() -> new CrossAttention(8, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessage("CrossAttention: num_heads must be a positive integer. Received: num_heads=0");
    assertThatThrownBy(() -> new CrossAttention(8, 2).apply(first, second, first))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected a list of two sources. Received: 3");
    assertThatThrownBy(() -> new HierarchicalAttention(8, 2).apply(first, second))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("two sequences of one length");
  }

  @Test
  void parametersAreReadAndReplacedByName() {
    CrossAttention layer = new CrossAttention(4, 2);
    assertThat(layer.myParams()).isEqualTo("CrossAttention(units, num_heads)");
    assertThat(layer.getParams(true))
        .containsExactly(Map.entry("num_heads", 2L), Map.entry("units", 4L));
    assertThat(layer.summary()).isEqualTo("CrossAttention Summary:\nnum_heads: 2\nunits: 4");
    assertThat(layer.setParams(Map.of())).isSameAs(layer);
    assertThat(layer.setParams(Map.of("units", 9)).getParams(false)).containsEntry("units", 9L);
    assertThat(layer.getParams(false)).containsEntry("units", 4L);
    assertThat(layer.setParams(Map.of("dropout", 0.5)).getConfig().get("dropout")).isEqualTo(0.5);
    assertThatThrownBy(() -> layer.setParams(Map.of("nonsense", 1)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("[num_heads, units]");
    layer.build(first.shape(), second.shape());
    assertThatThrownBy(() -> layer.setParams(Map.of("units", 9)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void parametersOfInnerObjectsAreReplacedInCopies() {
    TimeDistributed outer = new TimeDistributed(new LSTM(3));
    Layer changed =
        outer.setParams(Map.of("layer__units", 7, "layer__kernel_initializer__seed", 1));
    assertThat(changed.getParams(true))
        .containsEntry("layer__units", 7L)
        .containsEntry("layer__kernel_initializer__seed", 1L);
    assertThat(outer.getParams(true)).containsEntry("layer__units", 3L);
  }
}
