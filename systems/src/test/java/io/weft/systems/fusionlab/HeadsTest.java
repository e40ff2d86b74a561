package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.GradientCheck;
import io.weft.testing.LayerBattery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Heads and anomaly scores. */
class HeadsTest {
  private static final Shape STEPS = Shape.of(2, 3, 5);

  @Test
  void heads() {
    LayerBattery.of(new PointForecastHead(2), STEPS).outputShape(2, 3, 2).weights(2).run();
    LayerBattery.of(new QuantileHead(List.of(0.1, 0.5, 0.9), 2), STEPS)
        .outputShape(2, 3, 3, 2)
        .weights(2)
        .run();
    LayerBattery.of(new QuantileHead(List.of(0.2), 1), Shape.of(2, 5)).outputShape(2, 1, 1).run();
    LayerBattery.of(new GaussianHead(2), STEPS)
        .outputShapes(Shape.of(2, 3, 2), Shape.of(2, 3, 2))
        .run();
    LayerBattery.of(new MixtureDensityHead(2, 3), Shape.of(2, 5))
        .outputShapes(Shape.of(2, 3, 2), Shape.of(2, 3, 2), Shape.of(2, 3, 2))
        .run();
    LayerBattery.of(new MixtureDensityHead(1, 2), STEPS).run();
  }

  @Test
  void anomalyScores() {
    LayerBattery.of(new PredictionErrorAnomalyScore(), STEPS, STEPS).outputShape(2, 1).run();
    LayerBattery.of(new PredictionErrorAnomalyScore("mse", "max"), STEPS, STEPS).run();
    LayerBattery.of(new SequenceAnomalyScoreLayer(5, 4), Shape.of(2, 7))
        .outputShape(2, 1)
        .weights(6)
        .run();
    LayerBattery.of(
            SequenceAnomalyScoreLayer.builder(4).useNorm("batch").activation("tanh").build(),
            Shape.of(3, 7))
        .weights(8)
        .run();
    LayerBattery.of(new LSTMAutoencoderAnomaly(3, 4), STEPS).outputShape(2, 3, 5).weights(8).run();
    LayerBattery.of(
            LSTMAutoencoderAnomaly.builder(4, 4)
                .nRepeats(2)
                .numEncoderLayers(2)
                .numDecoderLayers(2)
                .useBidirectionalEncoder(true)
                .useBottleneckDense(true)
                .intermediateActivation("tanh")
                .build(),
            STEPS)
        .outputShape(2, 2, 5)
        .weights(24)
        .run();
  }

  @Test
  void distributionsComeByName() {
    Layer head = new MixtureDensityHead(2, 3);
    Object out = head.outputStructure(head.applyAll(List.of(ramp(2, 5)), CallArgs.NONE));
    assertThat(out).isInstanceOf(Map.class);
    Tensor weights = (Tensor) ((Map<?, ?>) out).get("weights");
    assertThat(Ops.sum(weights, 1).toDoubleArray())
        .containsExactly(new double[] {1, 1, 1, 1}, within(1e-6));
    assertThat(((Map<?, ?>) out).keySet().toString()).isEqualTo("[weights, means, scales]");
  }

  @Test
  void likelihoodsAreThoseOfTheNormalDistribution() {
    Tensor zero = Tensor.of(new double[] {0}, 1, 1);
    Tensor two = Tensor.of(new double[] {2}, 1, 1);
    double half = 0.5 * Math.log(2 * Math.PI);
    assertThat(GaussianHead.nll(two, zero, two).item())
        .isCloseTo(Math.log(2) + 0.5 + half, within(1e-12));
    // a mixture of one distribution with itself is that distribution
    Tensor weights = Tensor.of(new double[] {0.25, 0.75}, 1, 2, 1);
    Tensor means = Tensor.of(new double[] {0, 0}, 1, 2, 1);
    Tensor scales = Tensor.of(new double[] {2, 2}, 1, 2, 1);
    assertThat(MixtureDensityHead.nll(two, weights, means, scales).item())
        .isCloseTo(Math.log(2) + 0.5 + half, within(1e-6));
    GradientCheck.of(
            x -> MixtureDensityHead.nll(x.get(0), weights, x.get(1), x.get(2)),
            List.of(two, means, scales))
        .run();
    GradientCheck.of(x -> GaussianHead.nll(x.get(0), x.get(1), x.get(2)), List.of(two, zero, two))
        .run();
  }

  @Test
  void reconstructionErrorsAreOfTheStepsThatBothHave() {
    LSTMAutoencoderAnomaly layer = LSTMAutoencoderAnomaly.builder(3, 4).nRepeats(2).build();
    Tensor x = ramp(2, 3, 5);
    double[] y = layer.apply(x).toDoubleArray();
    double[] in = x.toDoubleArray();
    double sum = 0;
    for (int i = 0; i < 10; i++) {
      sum += (in[i] - y[i]) * (in[i] - y[i]);
    }
    Tensor error = layer.reconstructionError(x);
    assertThat(error.shape()).isEqualTo(Shape.of(2));
    assertThat(error.toDoubleArray()[0]).isCloseTo(sum / 10, within(1e-6));
  }

  @Test
  void badArgumentsAreRefused() {
    for (Object q : new Object[] {null, List.of(), List.of(0.0), List.of("a"), 0.5}) {
      assertThatThrownBy(() -> new QuantileHead(Config.of("quantiles", q, "output_dim", 1)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("quantiles");
    }
    assertThatThrownBy(() -> new MixtureDensityHead(1, 0)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new GaussianHead(Config.EMPTY))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("output_dim");
    assertThatThrownBy(() -> new PredictionErrorAnomalyScore("mape", "mean"))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new PredictionErrorAnomalyScore().apply(ramp(2, 3, 5), ramp(2, 3)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new SequenceAnomalyScoreLayer(Config.of("hidden_units", List.of())))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> SequenceAnomalyScoreLayer.builder(3).useNorm("group").build())
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(
            () -> LSTMAutoencoderAnomaly.builder(3, 4).nFeatures(4).build().apply(ramp(2, 3, 5)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("n_features");
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
