package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.serialization.hdf5.Hdf5File;
import io.weft.serialization.hdf5.Hdf5Group;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import io.weft.training.Fit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forecasting models whose decoder attends to an encoder. */
class AttentiveModelsTest {
  private static final Shape STATIC = Shape.of(2, 1);
  private static final Shape PAST = Shape.of(2, 4, 2);

  @TempDir Path folder;

  private static HALNet.Builder small() {
    return HALNet.builder(1, 2, 1)
        .embedDim(2)
        .hiddenUnits(3)
        .lstmUnits(2)
        .attentionUnits(2)
        .numHeads(1)
        .memorySize(2)
        .maxWindowSize(4)
        .activation("tanh")
        .forecastHorizon(2);
  }

  private static BaseAttentive.Builder base() {
    return BaseAttentive.builder(1, 2, 1)
        .embedDim(2)
        .hiddenUnits(3)
        .lstmUnits(2)
        .attentionUnits(2)
        .numHeads(1)
        .memorySize(2)
        .maxWindowSize(3)
        .activation("tanh")
        .forecastHorizon(2);
  }

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @Test
  void attentiveModels() {
    LayerBattery.of(
            small().quantiles(0.1, 0.9).scales(1, 3).build(), STATIC, PAST, Shape.of(2, 6, 1))
        .outputShape(2, 2, 2, 1)
        .run();
    LayerBattery.of(
            small()
                .mode("pihal-like")
                .useVsn(false)
                .useResiduals(false)
                .finalAgg("flatten")
                .build(),
            STATIC,
            PAST,
            Shape.of(2, 2, 1))
        .outputShape(2, 2, 1)
        .run();
    LayerBattery.of(base().outputDim(3).build(), STATIC, PAST, Shape.of(2, 2, 1))
        .outputShape(2, 2, 3)
        .run();
    LayerBattery.of(
            base().objective("transformer").attentionLevels(List.of("hier", "cross")).build(),
            STATIC,
            PAST,
            Shape.of(2, 2, 1))
        .run();
  }

  @Test
  void inputsMayBeMissing() {
    LayerBattery.of(
            HALNet.builder(0, 2, 0)
                .embedDim(2)
                .hiddenUnits(2)
                .attentionUnits(2)
                .numHeads(1)
                .memorySize(2)
                .forecastHorizon(3)
                .lstmUnits(2)
                .build(),
            PAST)
        .outputShape(2, 3, 1)
        .run();
    LayerBattery.of(
            TimeSeriesTransformer.builder(0, 2, 0)
                .embedDim(2)
                .numHeads(1)
                .ffnDim(3)
                .layers(1, 1)
                .forecastHorizon(3)
                .activation("tanh")
                .build(),
            PAST)
        .outputShape(2, 3, 1)
        .run();
  }

  @Test
  void timeSeriesTransformer() {
    TimeSeriesTransformer.Builder b =
        TimeSeriesTransformer.builder(1, 2, 1)
            .embedDim(2)
            .numHeads(2)
            .ffnDim(3)
            .layers(2, 1)
            .activation("tanh")
            .forecastHorizon(3);
    LayerBattery.of(b.build(), STATIC, PAST, Shape.of(2, 4, 1)).outputShape(2, 3, 1).run();
    LayerBattery.of(
            b.quantiles(0.1, 0.5)
                .useGrnForStatic(true)
                .staticIntegrationMode("add_to_encoder_input")
                .build(),
            STATIC,
            PAST,
            Shape.of(2, 3, 1))
        .outputShape(2, 3, 2)
        .run();
  }

  @Test
  void parametersAreCountedAsInTheOriginal() {
    Shape[] whole = {Shape.of(2, 3), Shape.of(2, 10, 5), Shape.of(2, 16, 2)};
    Shape[] ahead = {Shape.of(2, 3), Shape.of(2, 10, 5), Shape.of(2, 6, 2)};
    double[] q = {0.1, 0.5, 0.9};
    Layer halnet = HALNet.builder(3, 5, 2).forecastHorizon(6).quantiles(q).build();
    assertThat(count(halnet, whole)).isEqualTo(442_319);
    assertThat(halnet.computeOutputShape(whole)).containsExactly(Shape.of(2, 6, 3, 1));
    assertThat(
            count(
                HALNet.builder(3, 5, 2).forecastHorizon(6).quantiles(q).mode("pihal").build(),
                ahead))
        .isEqualTo(368_591);
    assertThat(
            count(
                BaseAttentive.builder(3, 5, 2).forecastHorizon(6).quantiles(q).mode("tft").build(),
                whole))
        .isEqualTo(442_319);
    assertThat(count(BaseAttentive.builder(3, 5, 2).forecastHorizon(6).quantiles(q).build(), ahead))
        .isEqualTo(368_591);
  }

  private static long count(Layer layer, Shape... inputs) {
    layer.build(inputs);
    return layer.countParams();
  }

  @Test
  void shapesAreInferredForUnknownSizes() {
    int open = Shape.UNKNOWN;
    assertThat(
            small()
                .build()
                .computeOutputShape(
                    Shape.of(open, 1), Shape.of(open, open, 2), Shape.of(open, open, 1)))
        .containsExactly(Shape.of(open, 2, 1));
  }

  @Test
  void theDecoderOfTheTransformerSeesThePastOnly() {
    assertThat(influence(false))
        .isEqualTo(List.of("100000", "110000", "111000", "111100", "111110", "111111"));
    // the original: each step and those behind it, the last one all
    assertThat(influence(true))
        .isEqualTo(List.of("111111", "011111", "001111", "000111", "000011", "111111"));
  }

  /** For each step of the forecast, which steps of the future it depends on. */
  private static List<String> influence(boolean defects) {
    int steps = 6;
    Config c =
        Config.of(
            "static_input_dim",
            0,
            "dynamic_input_dim",
            2,
            "future_input_dim",
            2,
            "embed_dim",
            4,
            "num_heads",
            2,
            "ffn_dim",
            6,
            "num_encoder_layers",
            1,
            "num_decoder_layers",
            1,
            "forecast_horizon",
            steps,
            "dropout_rate",
            0.0,
            "input_dropout_rate",
            0.0,
            "defects",
            defects);
    Model model = new TimeSeriesTransformer(c);
    Tensor past = ramp(1, 4, 2);
    Tensor future = ramp(1, steps, 2);
    java.util.ArrayList<String> rows = new java.util.ArrayList<>();
    for (int i = 0; i < steps; i++) {
      try (GradientTape tape = GradientTape.open()) {
        Tensor y = model.apply(past, future);
        Tensor one = Ops.slice(y, new int[] {0, i, 0}, new int[] {1, 1, 1});
        Tensor g = tape.gradients(List.of(one), null, List.of(future)).get(0);
        float[] sizes = Numbers.of(Ops.sum(Ops.abs(g), 0, 2));
        StringBuilder row = new StringBuilder();
        for (float f : sizes) {
          row.append(f == 0 ? '0' : '1');
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  @Test
  void architecturesAreReplaced() {
    BaseAttentive model = base().build();
    assertThat(model.architecture().encoder()).isEqualTo("hybrid");
    BaseAttentive other =
        model.reconfigure(
            Map.of("encoder_type", "transformer", "decoder_attention_stack", List.of("memory")));
    assertThat(other.architecture())
        .isEqualTo(new Architecture("transformer", List.of("memory"), "vsn"));
    assertThat(other.apply(ramp(2, 1), ramp(2, 4, 2), ramp(2, 2, 1)).shape())
        .isEqualTo(Shape.of(2, 2, 1));
    assertThat(model.architecture().attentions()).hasSize(3);
    assertThatThrownBy(() -> model.reconfigure(Map.of("encoder", "lstm")))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void theWindowLimitsWhatTheDecoderSees() {
    Tensor future = ramp(2, 2, 1);
    Tensor past = ramp(2, 4, 2);
    Layer windowed = base().objective("transformer").numEncoderLayers(1).useVsn(false).build();
    Tensor a = windowed.apply(ramp(2, 1), past, future);
    Layer all =
        base().objective("transformer").numEncoderLayers(1).useVsn(false).applyDtw(false).build();
    all.apply(ramp(2, 1), past, future);
    all.setWeights(windowed.getWeights());
    assertThat(Numbers.of(a)).isNotEqualTo(Numbers.of(all.apply(ramp(2, 1), past, future)));
  }

  @Test
  void modelsTrainAndAreSaved() {
    HALNet model = small().quantiles(0.1, 0.5, 0.9).build();
    List<Tensor> x = List.of(ramp(16, 1), ramp(16, 4, 2), ramp(16, 6, 1));
    Tensor y = ramp(16, 2, 1);
    model.compile(new Adam(0.01));
    double before = model.evaluate(x, y).get("loss");
    model.fit(x, y, Fit.epochs(8));
    assertThat(model.evaluate(x, y).get("loss")).isLessThan(before);
    Path file = folder.resolve("halnet.keras");
    model.save(file);
    Model again = Models.load(file, Registry.standard(), true);
    assertThat(again).isInstanceOf(HALNet.class);
    assertThat(Numbers.of(again.predictAll(x, 32).get(0)))
        .isEqualTo(Numbers.of(model.predictAll(x, 32).get(0)));
  }

  /** As Keras writes models of this structure: attributes up to "layers", then the other layers. */
  @Test
  void weightsLieWhereKerasPutsThem() {
    BaseAttentive model = base().objective("transformer").useVsn(false).build();
    model.apply(ramp(2, 1), ramp(2, 4, 2), ramp(2, 2, 1));
    Path file = folder.resolve("model.weights.h5");
    model.saveWeights(file);
    try (Hdf5File h5 = Hdf5File.open(file)) {
      Hdf5Group root = h5.root();
      for (String path :
          List.of(
              "attention_processing_grn/input_dense",
              "cross_attention/source1_dense",
              "decoder_add_norm/layer_normalization",
              "decoder_input_projection",
              "dynamic_dense",
              "encoder_self_attention/container/multi_head_attention/_query_dense",
              "encoder_self_attention/container_1/layer_normalization",
              "hierarchical_attention/short_term_dense",
              "layers/dense_4", // residual_dense, the last of five
              "layers/dense_1", // static_dense
              "grn_static_non_vsn/input_dense",
              "layers/memory_augmented_attention",
              "layers/multi_decoder/decoders/dense")) {
        assertThat(root.node(path + "/vars")).as(path).isNotNull();
      }
    }
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> small().mode("lstm").build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("mode");
    assertThatThrownBy(() -> small().finalAgg("sum").build()).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> HALNet.builder(-1, 5, 2).build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("static_input_dim");
    assertThatThrownBy(() -> base().objective("rnn").build()).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> base().set("architecture_config", 3).build())
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> small().build().apply(ramp(2, 1), ramp(2, 4, 2), ramp(2, 2, 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("max_window_size");
    assertThatThrownBy(() -> base().build().apply(ramp(2, 1), ramp(2, 4, 2), ramp(2, 3, 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("forecast_horizon");
    assertThatThrownBy(() -> base().build().applyAll(List.of(ramp(2, 1)), CallArgs.NONE))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(
            () ->
                TimeSeriesTransformer.builder(0, 2, 2)
                    .embedDim(2)
                    .ffnDim(2)
                    .forecastHorizon(4)
                    .build()
                    .apply(ramp(1, 3, 2), ramp(1, 3, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("4 steps");
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
