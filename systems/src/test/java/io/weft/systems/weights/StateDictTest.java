package io.weft.systems.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import io.weft.error.ShapeException;
import io.weft.initializers.Ones;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.convolutional.Conv2DTranspose;
import io.weft.layers.convolutional.DepthwiseConv2D;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDictTest {
  @TempDir Path folder;

  /** q and k stacked in one tensor, a list of layers, an attribute with a dot. */
  private static final class Block extends UnaryLayer implements TorchNamed {
    static final LayerType<Block> TYPE = LayerType.custom("test", "Block", Block::new);
    private final Dense q = track("q", new Dense(2));
    private final Dense k = track("k", new Dense(2));
    private final List<Dense> layers = trackAll("net", List.of(new Dense(4), new Dense(3)));
    private final LayerNormalization norm = track("out.0", new LayerNormalization());
    private Variable scale;

    Block(Config config) {
      super(TYPE, config);
    }

    @Override
    protected void build(BuildContext b) {
      scale = b.addWeight("scale", Shape.of(3), new Ones());
    }

    @Override
    public Tensor call(Tensor x, CallContext ctx) {
      Tensor y = layers.get(1).apply(layers.get(0).apply(x));
      Tensor qk = q.apply(x).times(k.apply(x));
      return norm.apply(y)
          .times(scale.value())
          .times(qk.get(io.weft.tensor.Index.ellipsis(), io.weft.tensor.Index.range(0, 1, null)));
    }

    @Override
    public List<TorchEntry> torchEntries() {
      return List.of(
          TorchEntry.stacked(
              "in_proj_weight", Layout.LINEAR, q.weights().get(0), k.weights().get(0)),
          TorchEntry.stacked("in_proj_bias", Layout.SAME, q.weights().get(1), k.weights().get(1)));
    }
  }

  private static Layer block() {
    return new Block(Config.EMPTY).build(Shape.of(2, 3));
  }

  private static Tensor iota(int... shape) {
    float[] f = new float[(int) Shape.of(shape).size()];
    for (int i = 0; i < f.length; i++) {
      f[i] = i;
    }
    return Tensor.of(f, shape);
  }

  @Test
  void namesAreTheAttributesAndTheKindsOfLayers() {
    assertThat(StateDict.of(block()).shapes().toString())
        .isEqualTo(
            "{in_proj_weight=(4, 3), in_proj_bias=(4,), scale=(3,), net.0.weight=(4, 3),"
                + " net.0.bias=(4,), net.1.weight=(3, 4), net.1.bias=(3,), out.0.weight=(3,),"
                + " out.0.bias=(3,)}");
  }

  @Test
  void everyKindOfLayerGivesBackWhatWasLoaded() {
    List<Layer> layers =
        List.of(
            new Dense(4).build(Shape.of(2, 3)),
            Conv2D.builder(4, 3).build().build(Shape.of(1, 5, 5, 2)),
            Conv2D.builder(4, 3).set("groups", 2).build().build(Shape.of(1, 5, 5, 2)),
            Conv2DTranspose.builder(4, 3).build().build(Shape.of(1, 5, 5, 2)),
            DepthwiseConv2D.builder(3)
                .set("depth_multiplier", 2)
                .build()
                .build(Shape.of(1, 5, 5, 2)),
            new MultiHeadAttention(2, 5).build(Shape.of(1, 3, 4), Shape.of(1, 3, 4)),
            new BatchNormalization().build(Shape.of(2, 3)),
            block());
    for (Layer l : layers) {
      Map<String, Tensor> given = new LinkedHashMap<>();
      StateDict.of(l).shapes().forEach((n, s) -> given.put(n, iota(s.dims())));
      LoadReport report = StateDict.load(l, given);
      assertThat(report.isComplete()).isTrue();
      assertThat(report.loaded()).hasSameElementsAs(given.keySet());
      Map<String, Tensor> out = StateDict.of(l).export();
      assertThat(out.keySet()).isEqualTo(given.keySet());
      given.forEach((n, t) -> assertThat(out.get(n).toFloatArray()).isEqualTo(t.toFloatArray()));
    }
  }

  @Test
  void layoutsAreThoseOfPyTorch() {
    Layer dense = new Dense(2).build(Shape.of(1, 3));
    StateDict.load(dense, Map.of("weight", iota(2, 3), "bias", iota(2)));
    // torch: y = x Wᵀ + b with W = [[0 1 2] [3 4 5]]
    assertThat(dense.apply(Tensor.of(new float[] {1, 10, 100}, 1, 3)).toFloatArray())
        .containsExactly(210, 543 + 1);
    Layer conv = Conv2D.builder(2, 1, 2).build().build(Shape.of(1, 1, 2, 1));
    StateDict.load(conv, Map.of("weight", iota(2, 1, 1, 2), "bias", iota(2)));
    assertThat(conv.apply(Tensor.of(new float[] {1, 10}, 1, 1, 2, 1)).toFloatArray())
        .containsExactly(10, 32 + 1);
    Layer depthwise =
        DepthwiseConv2D.builder(1).set("depth_multiplier", 2).build().build(Shape.of(1, 1, 1, 2));
    StateDict.load(depthwise, Map.of("weight", iota(4, 1, 1, 1), "bias", iota(4)));
    assertThat(depthwise.apply(Tensor.of(new float[] {1, 10}, 1, 1, 1, 2)).toFloatArray())
        .containsExactly(0, 1 + 1, 20 + 2, 30 + 3);
  }

  @Test
  void aLinearLayerTakesAOneByOneConvolutionAndViceVersa() {
    Layer dense = new Dense(4).build(Shape.of(1, 3));
    StateDict.load(dense, Map.of("weight", iota(4, 3, 1, 1), "bias", iota(4)));
    Layer conv = Conv2D.builder(4, 1).build().build(Shape.of(1, 2, 2, 3));
    StateDict.load(conv, StateDict.of(dense).export());
    assertThat(conv.getWeights().get(0).toFloatArray())
        .isEqualTo(dense.getWeights().get(0).toFloatArray());
  }

  @Test
  void namesLeftOverAreRefusedOrReported() {
    Layer l = new Dense(2).build(Shape.of(1, 3));
    Map<String, Tensor> some = Map.of("weight", iota(2, 3), "other", iota(1));
    assertThatThrownBy(() -> StateDict.load(l, some))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("1 weights without one [bias]")
        .hasMessageContaining("1 tensors without a weight [other]");
    LoadReport r = StateDict.load(l, some, StateDictOptions.LENIENT);
    assertThat(r).isEqualTo(new LoadReport(List.of("weight"), List.of("bias"), List.of("other")));
  }

  @Test
  void shapesThatDoNotFitAreNamedAndNothingIsLoaded() {
    Layer l = new Dense(2).build(Shape.of(1, 3));
    Tensor before = l.getWeights().get(1);
    assertThatThrownBy(
            () ->
                StateDict.load(
                    l, Map.of("weight", iota(3, 2), "bias", iota(2)), StateDictOptions.LENIENT))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("'weight'")
        .hasMessageContaining("(2, 3)")
        .hasMessageContaining("(3, 2)");
    assertThat(l.getWeights().get(1)).isSameAs(before);
    assertThatThrownBy(
            () ->
                StateDict.load(l, Map.of("weight", iota(2, 3).cast(DType.INT32), "bias", iota(2))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("int32");
  }

  @Test
  void renamingWorksInBothDirections() {
    Renaming r = Renaming.NONE.with("bert", "").with("bert.pooler", "head").with("cls.w", "w");
    for (String[] pair :
        List.of(
            new String[] {"bert.a.weight", "a.weight"},
            new String[] {"bert.pooler.x", "head.x"},
            new String[] {"cls.w", "w"})) {
      assertThat(r.toOurs(pair[0])).isEqualTo(pair[1]);
      assertThat(r.toForeign(pair[1])).isEqualTo(pair[0]);
    }
    assertThat(r.toOurs("berta.x")).isEqualTo("berta.x");
    assertThatThrownBy(() -> r.with("bert", "again")).hasMessageContaining("again");
    Layer l = new Dense(2).build(Shape.of(1, 3));
    Path file = folder.resolve("w.safetensors");
    Renaming under = Renaming.NONE.with("model.first", "");
    StateDict.saveSafetensors(l, file, under);
    Layer again = new Dense(2).build(Shape.of(1, 3));
    assertThatThrownBy(() -> StateDict.loadSafetensors(again, file)).hasMessageContaining("first");
    StateDict.loadSafetensors(again, file, StateDictOptions.STRICT.withRenaming(under));
    assertThat(again.getWeights().get(0).toFloatArray())
        .isEqualTo(l.getWeights().get(0).toFloatArray());
  }

  @Test
  void halfPrecisionFilesAreWidenedAndCountersIgnored() {
    Layer l = new BatchNormalization().build(Shape.of(2, 2));
    Map<String, Tensor> given = new LinkedHashMap<>();
    StateDict.of(l).shapes().forEach((n, s) -> given.put(n, iota(2).cast(DType.BFLOAT16)));
    given.put("num_batches_tracked", Tensor.scalar(3L));
    assertThat(StateDict.load(l, given).isComplete()).isTrue();
    assertThat(l.getWeights().get(3).toFloatArray()).containsExactly(0, 1);
    assertThat(l.getWeights().get(3).dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void describingMakesNoNumbers() {
    Layer l = new Dense(1 << 20);
    l.build(
        List.of(new TensorSpec(Shape.of(1, 1 << 20), DType.FLOAT32)), io.weft.layer.CallArgs.NONE);
    assertThat(StateDict.of(l).shapes()).containsEntry("weight", Shape.of(1 << 20, 1 << 20));
    assertThat(l.weights()).noneMatch(Variable::isInitialized);
    assertThatThrownBy(() -> StateDict.of(new Dense(2))).hasMessageContaining("not built");
  }
}
