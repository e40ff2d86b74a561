package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.optimizers.Optimizers;
import io.weft.random.Seeds;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import io.weft.training.Fit;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The extreme temporal fusion transformers of both layouts. */
class ExtremeTest {
  private static final int PAST = 4;
  private static final Config SMALL =
      Config.of(
          "static_input_dim", 3,
          "dynamic_input_dim", 2,
          "future_input_dim", 2,
          "embed_dim", 2,
          "hidden_units", 3,
          "lstm_units", 3,
          "attention_units", 2,
          "num_heads", 2,
          "memory_size", 3,
          "max_window_size", 3,
          "dropout_rate", 0.0,
          "activation", "tanh",
          "forecast_horizon", 2);
  private static final Config LEGACY = SMALL.with("layout", "fusionlab-0.3");
  private static final Config THREE = Config.of("quantiles", List.of(0.1, 0.5, 0.9));

  @BeforeEach
  void seed() {
    Seeds.set(7);
  }

  private static Tensor fixed() {
    return ForecastingPartsTest.ramp(2, 3);
  }

  private static Tensor past() {
    return ForecastingPartsTest.ramp(2, PAST, 2);
  }

  private static Tensor future(int steps) {
    return Ops.cos(ForecastingPartsTest.ramp(2, steps, 2));
  }

  private static Tensor call(Layer model, Tensor future) {
    return model.apply(fixed(), past(), future);
  }

  @Test
  void gradientsFilesThreadsAndDTypes() {
    Shape[] inputs = {Shape.of(2, 3), Shape.of(2, PAST, 2), Shape.of(2, PAST + 1, 2)};
    Config wide = SMALL.with("decoder_units", 2).with("memory_size", 2);
    LayerBattery.of(new SuperXTFT(wide.plus(THREE)), inputs).outputShape(2, 2, 3).run();
  }

  @Test
  void options() {
    assertGives(
        new XTFT(
            LEGACY.plus(THREE).with("scales", List.of(1, 2)).with("multi_scale_agg", "average")),
        2,
        2,
        3);
    assertGives(new SuperXTFT(SMALL.plus(THREE).with("output_dim", 2)), 2, 2, 3, 2);
    assertGives(
        new SuperXTFT(
            SMALL
                .with("fusion_mode", "isolated")
                .with("architecture_config", Config.of("feature_processing", "dense"))),
        2,
        2,
        1);
    assertGives(new XTFT(SMALL.with("final_agg", "flatten").with("use_batch_norm", true)), 2, 2, 1);
  }

  /** The shape, and the same numbers from a copy with the same weights. */
  private static void assertGives(ForecastingModel model, int... shape) {
    Tensor y = call(model, future(PAST + 1));
    assertThat(y.shape()).isEqualTo(Shape.of(shape));
    Layer copy = model.copy();
    copy.build(fixed().shape(), past().shape(), future(PAST + 1).shape());
    copy.setWeights(model.getWeights());
    assertThat(copy.getConfig().asMap()).isEqualTo(model.getConfig().asMap());
    assertThat(Numbers.of(call(copy, future(PAST + 1)))).isEqualTo(Numbers.of(y));
  }

  @Test
  void parameterCountsOfTheOriginals() {
    Config dims =
        Config.of(
            "static_input_dim",
            3,
            "dynamic_input_dim",
            5,
            "future_input_dim",
            2,
            "forecast_horizon",
            6);
    Config legacy = dims.with("layout", "fusionlab-0.3");
    // the originals were counted with a table of positions, which those releases have not
    assertCount(355_918 - 131_072, new XTFT(legacy));
    assertCount(355_922 - 131_072, new XTFT(legacy.plus(THREE)));
    assertCount(407_054 - 131_072, new XTFT(legacy.with("scales", List.of(1, 3))));
    assertCount(
        428_143 - 131_072, new XTFT(legacy.with("anomaly_detection_strategy", "feature_based")));
    assertCount(469_015 - 131_072, new SuperXTFT(legacy.plus(THREE).with("defects", true)));
    assertCount(291_694, new XTFT(dims));
    assertCount(291_698, new XTFT(dims.plus(THREE)));
    assertCount(
        235_982,
        new XTFT(
            dims.with(
                "architecture_config", Config.of("decoder_attention_stack", List.of("cross")))));
    assertCount(448_791, new SuperXTFT(dims.plus(THREE)));
    assertCount(382_359, new SuperXTFT(dims.plus(THREE).with("fusion_mode", "disjoint")));
  }

  private static void assertCount(long count, Layer model) {
    ForecastingPartsTest.assertCount(
        count, model, Shape.of(-1, 3), Shape.of(-1, 12, 5), Shape.of(-1, 12, 2));
  }

  @Test
  void memoryIsHeardUnlessDefectsAreAskedFor() {
    for (boolean defects : new boolean[] {false, true}) {
      SuperXTFT model = new SuperXTFT(LEGACY.with("defects", defects).with("decoder_units", 4));
      Tensor before = call(model, future(PAST));
      Layer memory = model.at("memory_augmented_attention");
      memory.setWeights(memory.getWeights().stream().map(w -> w.times(3).plus(0.5)).toList());
      boolean same =
          java.util.Arrays.equals(Numbers.of(call(model, future(PAST))), Numbers.of(before));
      assertThat(same).isEqualTo(defects);
    }
  }

  @Test
  void narrowDecodersOfTheOriginalHearNothing() {
    SuperXTFT original = new SuperXTFT(SMALL);
    assertThat(Numbers.of(call(original, future(PAST))))
        .isEqualTo(Numbers.of(call(original, future(PAST).times(9))));
    SuperXTFT wide = new SuperXTFT(SMALL.with("decoder_units", 4));
    assertThat(Numbers.of(call(wide, future(PAST))))
        .isNotEqualTo(Numbers.of(call(wide, future(PAST).times(9))));
  }

  @Test
  void anomalyLossIsWeightedOnce() {
    double[] losses = new double[2];
    double square = 0;
    for (int i = 0; i < 2; i++) {
      XTFT model =
          new XTFT(
              SMALL
                  .with("anomaly_detection_strategy", "feature_based")
                  .with("anomaly_loss_weight", 0.25)
                  .with("defects", i == 1));
      model.build(fixed().shape(), past().shape(), future(PAST).shape());
      model.weights().forEach(w -> w.assign(Ops.full(w.shape(), 0.1, w.dtype())));
      call(model, future(PAST));
      losses[i] = model.losses().get(0).toDoubleArray()[0];
      CallContext.clear();
      Tensor scores = model.anomalyScores(fixed(), past(), future(PAST));
      assertThat(scores.shape()).isEqualTo(Shape.of(2, PAST, 1));
      square = Ops.mean(Ops.square(scores)).toDoubleArray()[0];
    }
    assertThat(losses[0]).isCloseTo(0.25 * square, within(1e-6));
    assertThat(losses[1]).isCloseTo(0.0625 * square, within(1e-6));
  }

  @Test
  void givenScoresAddALoss() {
    Config anomaly =
        Config.of(
            "anomaly_scores",
            List.of(List.of(1.0, 2.0), List.of(3.0, 0.0)),
            "anomaly_loss_weight",
            0.5);
    XTFT model =
        new XTFT(
            SMALL
                .with("anomaly_detection_strategy", "from_config")
                .with("anomaly_config", anomaly));
    call(model, future(PAST));
    assertThat(model.losses().get(0).toDoubleArray()[0]).isCloseTo(0.5 * 14 / 4, within(1e-6));
    CallContext.clear();
    assertThatThrownBy(
            () -> new XTFT(SMALL.with("anomaly_config", Config.of("anomaly_scores", List.of(1.0)))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("(batch, 2)");
  }

  @Test
  void shortFutureIsFilledUp() {
    XTFT model = new XTFT(SMALL);
    Tensor y = call(model, future(2));
    assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 1));
    // the fill is no key: the table of positions at the filled steps has no influence by them
    Tensor zeros = Ops.pad(future(2), new int[][] {{0, 0}, {0, PAST - 2}, {0, 0}}, 0);
    assertThat(Numbers.of(y)).isNotEqualTo(Numbers.of(call(model, zeros)));
    assertThatThrownBy(() -> call(new XTFT(LEGACY), future(2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("future: expected at least 4 steps");
    assertThat(call(new SuperXTFT(SMALL), future(2)).shape()).isEqualTo(Shape.of(2, 2, 1));
  }

  @Test
  void everyChoiceOfAttentionsWorks() {
    for (String one : List.of("cross", "hierarchical", "memory")) {
      Config stack = Config.of("decoder_attention_stack", List.of(one), "use_vsn", true);
      for (String mode : List.of("integrated", "disjoint")) {
        Config c = SMALL.with("architecture_config", stack);
        assertThat(call(new SuperXTFT(c.with("fusion_mode", mode)), future(PAST)).shape())
            .isEqualTo(Shape.of(2, 2, 1));
        assertThat(call(new XTFT(c), future(PAST)).shape()).isEqualTo(Shape.of(2, 2, 1));
      }
    }
  }

  @Test
  void learnsAndSurvivesAFile(@TempDir Path folder) {
    int n = 32;
    Tensor fixed = ForecastingPartsTest.ramp(n, 3);
    Tensor past = ForecastingPartsTest.ramp(n, PAST, 2);
    Tensor ahead = Ops.cos(ForecastingPartsTest.ramp(n, PAST, 2));
    Tensor target = Ops.slice(past, new int[3], new int[] {n, 2, 1});
    SuperXTFT model =
        SuperXTFT.builder(3, 2, 2)
            .embedDim(4)
            .hiddenUnits(8)
            .lstmUnits(8)
            .attentionUnits(4)
            .numHeads(2)
            .memorySize(5)
            .dropoutRate(0)
            .forecastHorizon(2)
            .quantiles(0.1, 0.5, 0.9)
            .activation("tanh")
            .build();
    model.compile(Optimizers.of("adam", "learning_rate", 0.01));
    double[] losses =
        model
            .fit(List.of(fixed, past, ahead), target, Fit.epochs(40).batchSize(8).verbose(false))
            .get("loss");
    assertThat(losses[39]).isLessThan(losses[0] / 3);
    Path file = folder.resolve("xtft.keras");
    model.save(file);
    Model again = Models.load(file, Registry.standard(), true);
    assertThat(Numbers.of(again.predict(fixed, past, ahead)))
        .isEqualTo(Numbers.of(model.predict(fixed, past, ahead)));
  }

  @Test
  void configsOfOldReleasesGiveOldLayouts() {
    Config envelope =
        Config.of(
            "module", "fusionlab.nn.transformers",
            "class_name", "SuperXTFT",
            "registered_name", "fusionlab.nn.transformers>SuperXTFT",
            "config", SMALL);
    Layer model = (Layer) Registry.standard().restore(envelope, "test");
    assertThat(model).isInstanceOf(SuperXTFT.class);
    assertThat(model.getConfig().get("layout")).isEqualTo("fusionlab-0.3");
    assertThat(model.getConfig().get("defects")).isEqualTo(true);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new XTFT(SMALL.with("num_heads", 0)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("num_heads must be a positive integer");
    assertThatThrownBy(() -> new XTFT(SMALL.with("final_agg", "median")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("final_agg");
    assertThatThrownBy(() -> new XTFT(SMALL.with("multi_scale_agg", "median")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("multi_scale_agg");
    assertThatThrownBy(() -> new XTFT(SMALL.with("fusion_mode", "integrated")).copy())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("fusion_mode");
    assertThatThrownBy(
            () -> new XTFT(SMALL).apply(fixed(), past(), ForecastingPartsTest.ramp(2, 4, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("future (batch, Tf, 2)");
    assertThatThrownBy(() -> new XTFT(SMALL).anomalyScores(fixed(), past(), future(PAST)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("feature_based");
  }
}
