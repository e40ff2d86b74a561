package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
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
import io.weft.training.History;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The temporal fusion transformers, in the paper's layout and in fusionlab's. */
class TemporalFusionTest {
  private static final int PAST = 4;
  private static final int HORIZON = 2;

  private static final Shape STATIC = Shape.of(2, 3);
  private static final Shape DYNAMIC = Shape.of(2, PAST, 2);
  private static final Shape FUTURE = Shape.of(2, PAST + HORIZON, 2);

  @BeforeEach
  void seed() {
    Seeds.set(7);
  }

  private static TFT.Builder tft() {
    return TFT.builder(2, 3, 2).hiddenUnits(4).numHeads(2).dropoutRate(0).forecastHorizon(HORIZON);
  }

  private static TFT original(Config changes) {
    return new TFT(
        Config.of(
                "dynamic_input_dim", 2,
                "static_input_dim", 3,
                "future_input_dim", 2,
                "hidden_units", 4,
                "num_heads", 2,
                "dropout_rate", 0.0,
                "forecast_horizon", HORIZON)
            .plus(changes));
  }

  private static Tensor ramp(Shape shape) {
    return ForecastingPartsTest.ramp(shape.dims());
  }

  @Test
  void partsOfThePaper() {
    LayerBattery.of(new InterpretableMultiHeadAttention(4, 2), Shape.of(2, 5, 3))
        .outputShape(2, 5, 4)
        .weights(7)
        .run();
    LayerBattery.of(new GatedSkip(Config.of("units", 4)), Shape.of(2, 5, 3), Shape.of(2, 5, 4))
        .outputShape(2, 5, 4)
        .weights(6)
        .run();
  }

  @Test
  void models() {
    LayerBattery.of(tft().build(), STATIC, DYNAMIC, FUTURE).outputShape(2, 2, 1).run();
    LayerBattery.of(tft().quantiles(0.1, 0.5, 0.9).lstmUnits(3, 5).build(), STATIC, DYNAMIC, FUTURE)
        .outputShape(2, 2, 3)
        .run();
    LayerBattery.of(
            original(Config.of("quantiles", List.of(0.2, 0.8), "output_dim", 2)),
            STATIC,
            DYNAMIC,
            FUTURE)
        .outputShape(2, 2, 2, 2)
        .run();
    LayerBattery.of(
            TemporalFusionTransformer.builder(2)
                .hiddenUnits(4)
                .numHeads(2)
                .forecastHorizon(3)
                .build(),
            DYNAMIC)
        .outputShape(2, 3, 1)
        .run();
    LayerBattery.of(
            TemporalFusionTransformer.builder(2)
                .staticInputDim(3)
                .hiddenUnits(4)
                .numHeads(2)
                .outputDim(2)
                .layout("fusionlab-0.3")
                .build(),
            STATIC,
            DYNAMIC)
        .outputShape(2, 1, 2)
        .run();
    LayerBattery.of(
            new DummyTFT(
                Config.of(
                    "dynamic_input_dim",
                    2,
                    "static_input_dim",
                    3,
                    "hidden_units",
                    4,
                    "num_heads",
                    2)),
            STATIC,
            DYNAMIC)
        .outputShape(2, 1, 1)
        .run();
  }

  @Test
  void parameterCountOfTheOriginal() {
    TFT model =
        new TFT(
            Config.of(
                "dynamic_input_dim", 5,
                "static_input_dim", 3,
                "future_input_dim", 2,
                "hidden_units", 16,
                "num_heads", 2,
                "forecast_horizon", 6));
    model.build(Shape.of(-1, 3), Shape.of(-1, 12, 5), Shape.of(-1, 18, 2));
    assertThat(model.countParams()).isEqualTo(86_708);
    assertThat(model.nonTrainableWeights().stream().mapToLong(v -> v.shape().size()).sum())
        .isEqualTo(65_536);
    assertThat(model.outputShapes()).containsExactly(Shape.of(-1, 6, 1));
  }

  @Test
  void originalDoesNotHearTheFutureBehindThePast() {
    Tensor future = ramp(FUTURE);
    Tensor changed = changed(future, PAST);
    TFT original = original(Config.EMPTY);
    assertThat(Numbers.of(original.apply(ramp(STATIC), ramp(DYNAMIC), changed)))
        .isEqualTo(Numbers.of(original.apply(ramp(STATIC), ramp(DYNAMIC), future)));
    TFT paper = tft().build();
    assertThat(Numbers.of(paper.apply(ramp(STATIC), ramp(DYNAMIC), changed)))
        .isNotEqualTo(Numbers.of(paper.apply(ramp(STATIC), ramp(DYNAMIC), future)));
  }

  @Test
  void stepsDoNotSeeLaterOnes() {
    TFT paper = tft().build();
    Tensor future = ramp(FUTURE);
    Tensor a = paper.apply(ramp(STATIC), ramp(DYNAMIC), future);
    Tensor b = paper.apply(ramp(STATIC), ramp(DYNAMIC), changed(future, PAST + 1));
    assertThat(Numbers.of(a)[0]).isEqualTo(Numbers.of(b)[0]);
    assertThat(Numbers.of(a)[1]).isNotEqualTo(Numbers.of(b)[1]);
  }

  /** The tensor with the steps from some on multiplied. */
  private static Tensor changed(Tensor x, int from) {
    float[] factors = new float[x.dim(1)];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = i < from ? 1 : 100;
    }
    return x.times(Tensor.of(factors, 1, factors.length, 1));
  }

  @Test
  void futureOfTheHorizonAlone() {
    TFT paper = tft().build();
    Tensor future = ramp(FUTURE);
    Tensor ahead = Ops.slice(future, new int[] {0, PAST, 0}, new int[] {2, HORIZON, 2});
    assertThat(Numbers.of(paper.apply(ramp(STATIC), ramp(DYNAMIC), ahead)))
        .isEqualTo(Numbers.of(paper.apply(ramp(STATIC), ramp(DYNAMIC), future)));
  }

  @Test
  void originalGivesAtMostTheStepsOfThePast() {
    TFT model = original(Config.of("forecast_horizon", 20));
    assertThat(model.apply(ramp(STATIC), ramp(DYNAMIC), ramp(FUTURE)).shape())
        .isEqualTo(Shape.of(2, PAST, 1));
  }

  @Test
  void pastMayComeFirst() {
    Model model =
        TemporalFusionTransformer.builder(2).staticInputDim(3).hiddenUnits(4).numHeads(2).build();
    assertThat(Numbers.of(model.apply(ramp(DYNAMIC), ramp(STATIC))))
        .isEqualTo(Numbers.of(model.apply(ramp(STATIC), ramp(DYNAMIC))));
  }

  @Test
  void importancesAddUpToOne() {
    for (TFT model : List.of(tft().build(), original(Config.EMPTY))) {
      model.apply(ramp(STATIC), ramp(DYNAMIC), ramp(FUTURE));
      Map<String, Tensor> all =
          model.variableImportances(ramp(STATIC), ramp(DYNAMIC), ramp(FUTURE));
      assertThat(all).containsOnlyKeys("static", "dynamic", "future");
      assertThat(all.get("dynamic").shape()).isEqualTo(Shape.of(2, PAST, 2, 1));
      for (Tensor t : all.values()) {
        for (float f : Numbers.of(Ops.sum(t, -2))) {
          assertThat(f).isCloseTo(1f, org.assertj.core.data.Offset.offset(1e-5f));
        }
      }
    }
  }

  @Test
  void learnsWhatOnlyTheFutureKnows(@TempDir Path folder) {
    int n = 64;
    Tensor fixed = ForecastingPartsTest.ramp(n, 3);
    Tensor past = ForecastingPartsTest.ramp(n, PAST, 2);
    Tensor ahead = Ops.sin(ForecastingPartsTest.ramp(n, HORIZON, 2).times(37));
    Tensor target = Ops.slice(ahead, new int[3], new int[] {n, HORIZON, 1});
    TFT model = tft().hiddenUnits(8).build();
    model.compile(Optimizers.of("adam", "learning_rate", 0.01));
    Fit fit = Fit.epochs(30).batchSize(16).verbose(false);
    History history = model.fit(List.of(fixed, past, ahead), target, fit);
    double[] losses = history.get("loss");
    assertThat(losses[losses.length - 1]).isLessThan(losses[0] / 5);
    Path file = folder.resolve("tft.keras");
    model.save(file);
    Model again = Models.load(file, Registry.standard(), true);
    assertThat(Numbers.of(again.predict(fixed, past, ahead)))
        .isEqualTo(Numbers.of(model.predict(fixed, past, ahead)));
  }

  @Test
  void filesWithoutATableOfPositionsAreRead(@TempDir Path folder) {
    TFT old = original(Config.of("layout", "fusionlab-0.3"));
    Tensor y = old.apply(ramp(STATIC), ramp(DYNAMIC), ramp(FUTURE));
    Path file = folder.resolve("old.weights.h5");
    old.saveWeights(file);
    TFT now = original(Config.EMPTY);
    now.build(STATIC, DYNAMIC, FUTURE);
    assertThat(now.weights()).hasSize(old.weights().size() + 1);
    now.loadWeights(file);
    assertThat(Numbers.of(now.apply(ramp(STATIC), ramp(DYNAMIC), ramp(FUTURE))))
        .isEqualTo(Numbers.of(y));
  }

  @Test
  void refusesWhatDoesNotFit() {
    TFT model = original(Config.EMPTY);
    assertThatThrownBy(
            () -> model.apply(ramp(STATIC), ramp(DYNAMIC), ForecastingPartsTest.ramp(2, 3, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("future: expected at least 4 steps")
        .hasMessageContaining("Received: 3");
    assertThatThrownBy(
            () ->
                tft()
                    .build()
                    .apply(ramp(STATIC), ramp(DYNAMIC), ForecastingPartsTest.ramp(2, 3, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected 2 steps (the horizon)");
    assertThatThrownBy(() -> model.apply(ramp(STATIC), ramp(DYNAMIC)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("static (batch, 3), dynamic (batch, T, 2), future (batch, Tf, 2)");
    assertThatThrownBy(
            () -> model.apply(ForecastingPartsTest.ramp(3, 3), ramp(DYNAMIC), ramp(FUTURE)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("one batch size");
    assertThatThrownBy(() -> tft().numHeads(3).build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("num_heads");
    assertThatThrownBy(() -> original(Config.of("num_lstm_layers", 2, "lstm_units", List.of(3))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("lstm_units");
    assertThatThrownBy(() -> original(Config.of("layout", "fusionlab-7")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layout");
    assertThat((Layer) tft().build().copy()).isInstanceOf(TFT.class);
  }
}
