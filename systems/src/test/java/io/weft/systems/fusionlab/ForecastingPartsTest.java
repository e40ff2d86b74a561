package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What forecasting models are made of: the checks of every layer, counts, properties, refusals. */
class ForecastingPartsTest {
  private static final Shape ROWS = Shape.of(2, 6);
  private static final Shape STEPS = Shape.of(2, 5, 6);

  @Test
  void gatedResidualNetwork() {
    LayerBattery.of(new GatedResidualNetwork(8), ROWS).outputShape(2, 8).weights(10).run();
    LayerBattery.of(new GatedResidualNetwork(8), STEPS, Shape.of(2, 3))
        .outputShape(2, 5, 8)
        .weights(11)
        .run();
    LayerBattery.of(
            GatedResidualNetwork.builder(6).gateFromHidden().outputActivation("tanh").build(),
            STEPS,
            Shape.of(2, 1, 4))
        .outputShape(2, 5, 6)
        .weights(9)
        .run();
    LayerBattery.of(GatedResidualNetwork.builder(4).useBatchNorm(true).contextDim(3).build(), ROWS)
        .weights(15)
        .run();
  }

  @Test
  void variableSelectionNetwork() {
    LayerBattery.of(new VariableSelectionNetwork(3, 4), Shape.of(2, 3)).outputShape(2, 4).run();
    LayerBattery.of(
            VariableSelectionNetwork.builder(2, 4).useTimeDistributed(true).build(),
            Shape.of(2, 3, 2, 5),
            Shape.of(2, 6))
        .outputShape(2, 3, 4)
        .weights(26)
        .run();
    LayerBattery.of(
            VariableSelectionNetwork.builder(2, 4).useTimeDistributed(true).scoreTogether().build(),
            Shape.of(2, 3, 2),
            Shape.of(2, 6))
        .outputShape(2, 3, 4)
        .run();
  }

  @Test
  void attentionsOverTime() {
    LayerBattery.of(new TemporalAttentionLayer(4, 2), STEPS).outputShape(2, 5, 4).run();
    LayerBattery.of(new TemporalAttentionLayer(6, 2), STEPS, Shape.of(2, 3))
        .outputShape(2, 5, 6)
        .weights(28)
        .run();
    LayerBattery.of(new StaticEnrichmentLayer(4), STEPS, Shape.of(2, 3)).weights(10).run();
    LayerBattery.of(
            new ExplainableAttention(
                Config.of("num_heads", 2, "key_dim", 3, "return_output", true)),
            STEPS)
        .outputShapes(STEPS, Shape.of(2, 2, 5, 5))
        .run();
    LayerBattery.of(new MultiResolutionAttentionFusion(4, 2), STEPS).outputShape(2, 5, 6).run();
  }

  @Test
  void inputs() {
    LayerBattery.of(new LearnedNormalization(), STEPS).weights(2).run();
    LayerBattery.of(new LearnedNormalization(Config.of("positive", true)), STEPS).run();
    LayerBattery.of(new MultiModalEmbedding(4), STEPS, Shape.of(2, 5, 3))
        .outputShape(2, 5, 8)
        .weights(4)
        .run();
  }

  @Test
  void explainableAttentionGivesWeightsOnly() {
    Tensor weights = new ExplainableAttention(2, 3).apply(ramp(2, 5, 6));
    assertThat(weights.shape()).isEqualTo(Shape.of(2, 2, 5, 5));
    for (float f : Numbers.of(Ops.sum(weights, -1))) {
      assertThat(f).isCloseTo(1f, org.assertj.core.data.Offset.offset(1e-6f));
    }
  }

  @Test
  void causalAttentionDoesNotSeeTheFuture() {
    Layer layer = new TemporalAttentionLayer(6, 2);
    Tensor x = ramp(1, 5, 6);
    Tensor changed =
        Ops.concatenate(
            List.of(Ops.slice(x, new int[3], new int[] {1, 4, 6}), ramp(1, 1, 6).times(9)), 1);
    CallArgs causal = CallArgs.of("use_causal_mask", true);
    Tensor a = Ops.slice(layer.apply(x, causal), new int[3], new int[] {1, 4, 6});
    Tensor b = Ops.slice(layer.apply(changed, causal), new int[3], new int[] {1, 4, 6});
    assertThat(Numbers.of(a)).isEqualTo(Numbers.of(b));
  }

  @Test
  void positions() {
    LayerBattery.of(PositionalEncoding.builder().maxLength(9).build(), STEPS).weights(1).run();
    LayerBattery.of(new TSPositionalEncoding(7, 6), STEPS).weights(0).run();
    LayerBattery.of(new LinearPositionalEncoding(), STEPS).weights(0).run();
    for (String layout : List.of("fusionlab-0.2", "fusionlab-0.3")) {
      LayerBattery.of(new PositionalEncoding(Config.of("layout", layout)), STEPS).weights(0).run();
    }
  }

  @Test
  void recurrenceWindowsAndDecoders() {
    LayerBattery.of(new MultiScaleLSTM(3, 1, 2), STEPS).outputShape(2, 6).weights(6).run();
    LayerBattery.of(
            new MultiScaleLSTM(
                Config.of("lstm_units", 3, "scales", List.of(1, 3), "return_sequences", true)),
            STEPS)
        .outputShapes(Shape.of(2, 5, 3), Shape.of(2, 2, 3))
        .run();
    LayerBattery.of(new DynamicTimeWindow(3), STEPS).outputShape(2, 3, 6).run();
    LayerBattery.of(new MultiDecoder(2, 3), ROWS).outputShape(2, 3, 2).weights(6).run();
    LayerBattery.of(new QuantileDistributionModeling(new double[] {.1, .5, .9}, 2), STEPS)
        .outputShape(2, 5, 3, 2)
        .weights(6)
        .run();
    LayerBattery.of(new QuantileDistributionModeling((double[]) null, 2), ROWS)
        .outputShape(2, 2)
        .run();
  }

  @Test
  void parameterCountsOfTheOriginal() {
    assertCount(312, new GatedResidualNetwork(8), Shape.of(2, 3, 6), Shape.of(2, 5));
    assertCount(272, new GatedResidualNetwork(8), ROWS);
    assertCount(138, new GatedResidualNetwork(6), ROWS);
    Layer normed = GatedResidualNetwork.builder(8).useBatchNorm(true).build();
    assertCount(304, normed, ROWS);
    assertThat(normed.trainableWeights().stream().mapToLong(v -> v.shape().size()).sum())
        .isEqualTo(288);
    Layer selection = VariableSelectionNetwork.builder(2, 8).useTimeDistributed(true).build();
    assertCount(569, selection, Shape.of(2, 4, 2), Shape.of(2, 5));
    assertCount(648, new TemporalAttentionLayer(6, 2), Shape.of(2, 4, 6), Shape.of(2, 5));
    assertCount(352, new StaticEnrichmentLayer(8), STEPS, Shape.of(2, 5));
    assertCount(44, new MultiModalEmbedding(4), STEPS, Shape.of(2, 5, 3));
    assertCount(480, new MultiScaleLSTM(5, 1, 2), Shape.of(2, 4, 6));
    assertCount(42, new QuantileDistributionModeling(new double[] {.1, .5, .9}, 2), STEPS);
    assertCount(48, new MultiDecoder(2, 3), Shape.of(2, 7));
  }

  static void assertCount(long count, Layer layer, Shape... inputs) {
    assertThat(layer.build(inputs).countParams()).as(layer.label()).isEqualTo(count);
  }

  @Test
  void contextMayComeAfterTheFirstCall() {
    GatedResidualNetwork network = new GatedResidualNetwork(4);
    Tensor x = ramp(2, 3, 6);
    Tensor without = network.apply(x);
    assertThat(network.weights()).hasSize(10);
    Tensor context = ramp(2, 5);
    network.apply(x, context);
    assertThat(network.weights()).hasSize(11);
    assertThat(network.getConfig().get("context_dim")).isEqualTo(5L);
    assertThat(Numbers.of(network.apply(x))).isEqualTo(Numbers.of(without));
    Layer again = network.copy();
    again.build(x.shape());
    again.setWeights(network.getWeights());
    assertThat(Numbers.of(again.apply(x, context)))
        .isEqualTo(Numbers.of(network.apply(x, context)));
  }

  @Test
  void importancesAddUpToOne() {
    VariableSelectionNetwork selection =
        VariableSelectionNetwork.builder(3, 4).useTimeDistributed(true).build();
    Tensor w = selection.importances(ramp(2, 5, 3), null);
    assertThat(w.shape()).isEqualTo(Shape.of(2, 5, 3, 1));
    for (float f : Numbers.of(Ops.sum(w, 2))) {
      assertThat(f).isCloseTo(1f, org.assertj.core.data.Offset.offset(1e-6f));
    }
  }

  @Test
  void quantilesDoNotCrossIfAsked() {
    Layer layer =
        QuantileDistributionModeling.builder(2).quantiles(0.1, 0.5, 0.9).nonCrossing().build();
    Tensor y = layer.apply(ramp(3, 4, 5));
    float[] lower = Numbers.of(Ops.slice(y, new int[4], new int[] {3, 4, 2, 2}));
    float[] upper = Numbers.of(Ops.slice(y, new int[] {0, 0, 1, 0}, new int[] {3, 4, 2, 2}));
    for (int i = 0; i < lower.length; i++) {
      assertThat(upper[i]).isGreaterThanOrEqualTo(lower[i]);
    }
    LayerBattery.of(layer.copy(), Shape.of(2, 3, 4)).run();
  }

  @Test
  void masksOfWindowsAreCut() {
    Tensor mask = Tensor.of(new boolean[] {true, true, false, true, false, true}, 2, 3);
    Tensor y = new DynamicTimeWindow(2).apply(ramp(2, 3, 1).withMask(mask));
    assertThat(Numbers.of(Ops.cast(y.mask(), DType.FLOAT32))).containsExactly(1, 0, 0, 1);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new GatedResidualNetwork(0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("units must be a positive integer");
    assertThatThrownBy(() -> GatedResidualNetwork.builder(3).activation("softsign").build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("softsign");
    assertThatThrownBy(() -> new GatedResidualNetwork(3).apply(ramp(5)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(batch, ..., features)");
    assertThatThrownBy(() -> new GatedResidualNetwork(3).apply(ramp(2, 5), ramp(3, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("context")
        .hasMessageContaining("(3, 4)");
    assertThatThrownBy(() -> new VariableSelectionNetwork(3, 4).apply(ramp(2, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected 3 variables on axis 1. Received: 4");
    assertThatThrownBy(() -> new VariableSelectionNetwork(3, 4).apply(ramp(2, 5, 3, 2)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new TemporalAttentionLayer(4, 2).apply(ramp(2, 5, 6), ramp(2, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(batch, steps, 4)");
    assertThatThrownBy(() -> new StaticEnrichmentLayer(4).apply(ramp(2, 5, 6), ramp(3, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("one batch size");
    assertThatThrownBy(() -> new MultiModalEmbedding(4).apply(ramp(2, 5, 6), ramp(2, 4, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("agree in all sizes but the last");
    assertThatThrownBy(() -> PositionalEncoding.builder().maxLength(3).build().apply(ramp(2, 4, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("at most 3 steps");
    assertThatThrownBy(() -> new TSPositionalEncoding(8, 5).apply(ramp(2, 4, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("size 5");
    assertThatThrownBy(() -> new MultiScaleLSTM(3, 1, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("scales");
    assertThatThrownBy(() -> new QuantileDistributionModeling(new double[] {0.5, 1}, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("(0, 1)");
    assertThatThrownBy(() -> new QuantileDistributionModeling(Config.of("output_dim", 1)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("quantiles is required");
    assertThatThrownBy(() -> new MultiDecoder(2, 3).apply(ramp(2, 3, 4), CallArgs.NONE))
        .isInstanceOf(ShapeException.class);
  }

  static Tensor ramp(int... shape) {
    int n = Math.toIntExact(Shape.of(shape).size());
    float[] data = new float[n];
    for (int i = 0; i < n; i++) {
      data[i] = (float) Math.sin(1.7 * i + 0.3);
    }
    return Tensor.of(data, shape);
  }
}
