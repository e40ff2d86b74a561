package io.weft.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The battery passes good layers and catches each kind of mistake. */
class LayerBatteryTest {
  private static final Shape VECTORS = Shape.of(2, 3);

  @Test
  void passesLayersOfWeft() {
    LayerBattery.of(new Dense(4, "tanh"), VECTORS).outputShape(2, 4).weights(2).run();
    LayerBattery.of(new LayerNormalization(), VECTORS).outputShape(2, 3).weights(2).run();
    LayerBattery.of(new LSTM(3), Shape.of(2, 4, 3)).outputShape(2, 3).weights(3).run();
    LayerBattery.of(new CrossAttention(8, 2), Shape.of(2, 3, 5), Shape.of(2, 7, 4))
        .outputShape(2, 3, 8)
        .weights(12)
        .run();
  }

  @Test
  void passesLayerOfAUser() {
    LayerBattery.of(gain("none"), VECTORS).outputShape(2, 3).weights(1).run();
  }

  @Test
  void saysWhatIsWrong() {
    assertFails("config", "config after a round trip");
    assertFails("gradient", "gradient of input 0 at [0, 0]");
    assertFails("dead", "gradient of weight 'gain/scale' at [0]: expected");
    assertFails("state", "outputs");
    assertFails("half", "in mixed_bfloat16 at [0, 0]");
    assertThatThrownBy(() -> LayerBattery.of(gain("none"), VECTORS).weights(2).run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Gain: weights");
    assertThatThrownBy(() -> LayerBattery.of(gain("none"), VECTORS).outputShape(3, 2).run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Gain: output shapes");
  }

  @Test
  void checksFunctions() {
    Tensor x = Tensor.of(new double[] {0.5, -2});
    GradientCheck.of(t -> Ops.multiply(t.get(0), Ops.sin(t.get(1))), List.of(x, x)).run();
    GradientCheck.of(t -> Ops.exp(t.get(0)), List.of(Tensor.scalar(0.25))).run();
    assertThatThrownBy(
            () ->
                GradientCheck.of(t -> t.get(0).times(Ops.stopGradient(t.get(0))), List.of(x)).run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("gradient of input 0 at [0]")
        .hasMessageContaining("by central differences");
    assertThatThrownBy(() -> GradientCheck.of(t -> t.get(0), List.of(Tensor.scalar(1f))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("expected dtype float64. Received: float32");
  }

  private static void assertFails(String mistake, String message) {
    assertThatThrownBy(() -> LayerBattery.of(gain(mistake), VECTORS).run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Gain: ")
        .hasMessageContaining(message);
  }

  private static Gain gain(String mistake) {
    return new Gain(Config.of("mistake", mistake));
  }

  /** A user's layer, {@code scale · x³}, with a mistake of choice. */
  private static final class Gain extends UnaryLayer {
    static final LayerType<Gain> TYPE = LayerType.custom("my", "Gain", Gain::new);

    private final String mistake;
    private Variable scale;
    private int calls;

    Gain(Config config) {
      super(TYPE, config);
      mistake = args.string("mistake", "none");
    }

    @Override
    protected void build(BuildContext b) {
      Initializer ones = Registry.standard().named(Initializer.class, "ones");
      scale = b.addWeight("scale", Shape.of(b.known(0, -1)), ones);
    }

    @Override
    public Tensor call(Tensor x, CallContext ctx) {
      Tensor w = mistake.equals("dead") ? Ops.stopGradient(scale.value()) : scale.value();
      Tensor square = x.times(x);
      Tensor y = w.times(x).times(mistake.equals("gradient") ? Ops.stopGradient(square) : square);
      if (mistake.equals("state")) {
        calls++;
        return y.plus(calls);
      }
      return mistake.equals("half") && x.dtype().isHalf() ? y.plus(1) : y;
    }

    @Override
    public Config getConfig() {
      Config c = super.getConfig();
      return mistake.startsWith("config") ? c.with("mistake", mistake + "x") : c;
    }
  }
}
