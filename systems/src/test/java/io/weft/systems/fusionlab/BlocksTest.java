package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.random.SeedGenerator;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import io.weft.testing.LayerBattery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Transformer layers and small layers: the checks of every layer, counts, properties, refusals. */
class BlocksTest {
  private static final Shape STEPS = Shape.of(2, 5, 6);

  @Test
  void transformerLayers() {
    LayerBattery.of(new TransformerEncoderLayer(6, 2, 12), STEPS)
        .outputShape(2, 5, 6)
        .weights(16)
        .run();
    LayerBattery.of(
            TransformerEncoderLayer.builder(6, 3, 8).ffnActivation("gelu").dropoutRate(0).build(),
            STEPS)
        .run();
    LayerBattery.of(new TransformerDecoderLayer(6, 2, 12), STEPS, Shape.of(2, 3, 4))
        .outputShape(2, 5, 6)
        .weights(26)
        .run();
    LayerBattery.of(new TransformerEncoderBlock(6, 2, 12), STEPS).weights(16).run();
    LayerBattery.of(new TransformerDecoderBlock(6, 2, 12), STEPS, STEPS).weights(26).run();
    LayerBattery.of(new PositionwiseFeedForward(4, 9), STEPS).outputShape(2, 5, 4).run();
  }

  @Test
  void smallLayers() {
    LayerBattery.of(new Activation("elu"), STEPS).weights(0).run();
    LayerBattery.of(new ResidualAdd(), STEPS, STEPS).outputShape(2, 5, 6).run();
    LayerBattery.of(new LayerScale(0.5), STEPS).weights(1).run();
    LayerBattery.of(new StochasticDepth(0.3), STEPS).weights(0).run();
    LayerBattery.of(new SqueezeExcite1D(2), STEPS).weights(4).run();
    LayerBattery.of(new SqueezeExcite1D(16), Shape.of(3, 4)).weights(4).run();
    LayerBattery.of(new Gate(), STEPS).weights(2).run();
    LayerBattery.of(new Gate(Config.of("units", 6, "use_bias", false)), STEPS).weights(1).run();
    LayerBattery.of(
            new CategoricalEmbeddingProcessor(Map.of(10, new int[] {4, 2}, 2, new int[] {5, 3})),
            Tensor.of(new int[] {4, 3, 0, 1}, 2, 2))
        .outputShape(2, 5)
        .weights(2)
        .run();
  }

  @Test
  void parametersAreCountedAsInTheOriginal() {
    assertThat(count(new TransformerEncoderLayer(6, 2, 12), STEPS)).isEqualTo(516);
    assertThat(count(new TransformerDecoderLayer(6, 2, 12), STEPS, STEPS)).isEqualTo(858);
    assertThat(count(new TransformerEncoderBlock(6, 2, 12), STEPS)).isEqualTo(516);
    assertThat(count(new TransformerDecoderBlock(6, 2, 12), STEPS, STEPS)).isEqualTo(858);
  }

  private static long count(Layer layer, Shape... inputs) {
    layer.build(inputs);
    return layer.countParams();
  }

  @Test
  void aCausalDecoderSeesThePastOnly() {
    Layer layer = new TransformerDecoderLayer(6, 2, 12);
    Tensor x = ramp(1, 5, 6);
    Tensor source = ramp(1, 3, 6);
    Tensor last = Ops.slice(x, new int[] {0, 4, 0}, new int[] {1, 1, 6}).times(-3);
    Tensor changed = Ops.concatenate(List.of(first(x, 4), last), 1);
    CallArgs causal = CallArgs.of("look_ahead_mask", Masks.causal(5));
    Tensor a = layer.apply(List.of(x, source), causal);
    Tensor b = layer.apply(List.of(changed, source), causal);
    assertThat(Numbers.of(first(a, 4))).isEqualTo(Numbers.of(first(b, 4)));
    assertThat(Numbers.of(a)).isNotEqualTo(Numbers.of(b));
    // the original's mask shows the future and hides the past
    CallArgs inverted = CallArgs.of("look_ahead_mask", Masks.inverted(5));
    assertThat(Numbers.of(first(layer.apply(List.of(x, source), inverted), 4)))
        .isNotEqualTo(Numbers.of(first(layer.apply(List.of(changed, source), inverted), 4)));
  }

  @Test
  void aPaddedSourceIsNotSeen() {
    Layer layer = new TransformerDecoderLayer(6, 2, 12);
    Tensor x = ramp(2, 4, 6);
    Tensor source = ramp(2, 3, 6);
    Tensor tail = Ops.slice(source, new int[] {0, 2, 0}, new int[] {2, 1, 6}).plus(7);
    Tensor changed = Ops.concatenate(List.of(first(source, 2), tail), 1);
    Tensor lengths = Tensor.of(new int[] {2, 2}, 2);
    Tensor mask = Ops.expandDims(Masks.fromLengths(lengths, 3, false), 1);
    CallArgs padded = CallArgs.of("padding_mask", mask);
    assertThat(Numbers.of(layer.apply(List.of(x, source), padded)))
        .isEqualTo(Numbers.of(layer.apply(List.of(x, changed), padded)));
  }

  @Test
  void aQueryWithoutKeysGetsNothingOrAsInKeras2TheAverage() {
    Tensor x = ramp(1, 3, 6);
    Tensor none = Tensor.of(new boolean[9], 1, 3, 3);
    TransformerEncoderLayer newer = new TransformerEncoderLayer(6, 2, 12);
    Layer older = newer.setParams(Map.of("layout", "fusionlab-0.3"));
    newer.build(x.shape());
    older.build(x.shape());
    older.setWeights(newer.getWeights());
    CallArgs masked = CallArgs.of("attention_mask", none);
    assertThat(Numbers.of(newer.apply(x, masked))).isNotEqualTo(Numbers.of(older.apply(x, masked)));
    assertThat(Numbers.of(newer.apply(x))).isEqualTo(Numbers.of(older.apply(x)));
    assertThat(older.getConfig().get("layout")).isEqualTo("fusionlab-0.3");
  }

  @Test
  void layerScaleStartsSmall() {
    Layer layer = new LayerScale(Config.EMPTY);
    assertThat(Numbers.of(layer.apply(Ops.ones(Shape.of(1, 3), io.weft.tensor.DType.FLOAT32))))
        .containsOnly(1e-4f);
  }

  @Test
  void stochasticDepthDropsWholeSamples() {
    Layer layer = new StochasticDepth(0.25);
    Tensor x = Ops.ones(Shape.of(2000, 3), io.weft.tensor.DType.FLOAT32);
    assertThat(layer.apply(x)).isSameAs(x);
    float[] y = Numbers.of(layer.apply(x, CallArgs.training(true)));
    int dropped = 0;
    for (int i = 0; i < y.length; i += 3) {
      assertThat(y[i]).isIn(0f, 1 / 0.75f).isEqualTo(y[i + 1]).isEqualTo(y[i + 2]);
      dropped += y[i] == 0 ? 1 : 0;
    }
    assertThat(dropped / 2000.0).isBetween(0.2, 0.3);
    Tensor key = new SeedGenerator(1L).next();
    assertThatThrownBy(() -> StochasticDepth.dropPath(x, 1, key))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> StochasticDepth.dropPath(Tensor.scalar(1f), 0.5, key))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void squeezeExciteIsTheWrittenFormula() {
    SqueezeExcite1D layer = new SqueezeExcite1D(3);
    Tensor x = ramp(2, 4, 6);
    Tensor y = layer.apply(x);
    List<Variable> w = layer.weights();
    Tensor z = Ops.mean(x, 1);
    Tensor hidden = Ops.relu(z.matmul(w.get(0).value()).plus(w.get(1).value()));
    Tensor s = Ops.sigmoid(hidden.matmul(w.get(2).value()).plus(w.get(3).value()));
    assertThat(Numbers.of(y)).isEqualTo(Numbers.of(x.times(Ops.expandDims(s, 1))));
  }

  @Test
  void plainNamesMeanKerasClasses() {
    Registry r = Registry.standard();
    assertThat(r.find(Layer.class, "Activation").module()).isEqualTo("keras.layers");
    assertThat(r.find(io.weft.losses.Loss.class, "huber_loss").module()).isEqualTo("keras.losses");
    assertThat(r.find(Layer.class, "fusionlab.nn.components>Activation")).isSameAs(Activation.TYPE);
    Object envelope = new Activation("relu").serialized();
    assertThat(r.restore(envelope, "layer")).isInstanceOf(Activation.class);
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> new Activation("nonsense"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("nonsense");
    assertThatThrownBy(() -> new TransformerEncoderLayer(0, 2, 4))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("embed_dim");
    assertThatThrownBy(() -> new TransformerEncoderLayer(4, 2, 4).apply(ramp(1, 2, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("embed_dim");
    assertThatThrownBy(
            () ->
                new TransformerDecoderLayer(6, 2, 4)
                    .applyAll(List.of(ramp(1, 2, 6)), CallArgs.NONE))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new Gate(Config.of("units", 3)).apply(ramp(1, 2, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("units");
    assertThatThrownBy(() -> new SqueezeExcite1D(2).apply(ramp(1, 2, 3, 4)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new ResidualAdd().apply(ramp(2, 3), ramp(2, 4)))
        .isInstanceOf(ShapeException.class);
    for (Object info :
        new Object[] {
          null,
          3,
          Map.of(),
          Map.of("x", List.of(2, 3)),
          Map.of("0", List.of(2)),
          Map.of("0", List.of(0, 1))
        }) {
      assertThatThrownBy(
              () ->
                  new CategoricalEmbeddingProcessor(Config.of("categorical_embedding_info", info)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("categorical_embedding_info");
    }
    assertThatThrownBy(
            () ->
                new CategoricalEmbeddingProcessor(Map.of(0, new int[] {4, 2}))
                    .apply(Tensor.of(new int[] {1, 2}, 1, 2)))
        .isInstanceOf(ShapeException.class);
  }

  private static Tensor first(Tensor x, int steps) {
    return Ops.slice(x, new int[3], new int[] {x.dim(0), steps, x.dim(2)});
  }

  private static Tensor ramp(int... shape) {
    int n = 1;
    for (int d : shape) {
      n *= d;
    }
    float[] f = new float[n];
    for (int i = 0; i < n; i++) {
      f[i] = (float) Math.sin(i * 0.7 + 0.3);
    }
    return Tensor.of(f, shape);
  }
}
