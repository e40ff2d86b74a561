package io.weft.layers.rnn;

import static io.weft.layers.Randoms.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.compile.CompiledFunction;
import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.Randoms;
import io.weft.layers.wrapper.Bidirectional;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecurrentTest {
  private final Randoms random = new Randoms(11);
  private final Tensor x = random.normal(3, 5, 4);

  private List<RecurrentLayer> layers(boolean backwards) {
    List<RecurrentLayer> all = new ArrayList<>();
    all.add(LSTM.builder(3).returnSequences(true).returnState(true).goBackwards(backwards).build());
    all.add(GRU.builder(3).returnSequences(true).returnState(true).goBackwards(backwards).build());
    all.add(GRU.builder(3).resetAfter(false).returnState(true).goBackwards(backwards).build());
    all.add(SimpleRNN.builder(3).returnState(true).goBackwards(backwards).build());
    return all;
  }

  @Test
  void oneOpAgreesWithTheLoop() {
    CallArgs all = CallArgs.of("mask", Ops.ones(Shape.of(3, 5), DType.BOOL));
    for (boolean backwards : new boolean[] {false, true}) {
      for (RecurrentLayer layer : layers(backwards)) {
        List<Tensor> op = layer.applyAll(List.of(x), CallArgs.NONE);
        List<Tensor> loop = layer.applyAll(List.of(x), all);
        for (int i = 0; i < op.size(); i++) {
          assertClose(op.get(i), loop.get(i), 1e-5f);
        }
      }
    }
  }

  @Test
  void capturedScanAgreesWithSteps() {
    boolean[] keep = {
      true, true, false, true, false, false, true, true, true, true, false, false, false, false,
      false
    };
    CallArgs call = CallArgs.of("mask", Tensor.of(keep, 3, 5));
    for (RecurrentLayer layer : layers(true)) {
      layer.build(x.shape());
      List<Tensor> captured =
          CompiledFunction.of(in -> withGradients(layer, in.get(0), call)).run(List.of(x));
      List<Tensor> eager = withGradients(layer, x, call);
      for (int i = 0; i < eager.size(); i++) {
        assertClose(captured.get(i), eager.get(i), 1e-5f);
      }
    }
  }

  private static List<Tensor> withGradients(RecurrentLayer layer, Tensor x, CallArgs call) {
    try (GradientTape tape = GradientTape.open()) {
      List<Tensor> y = new ArrayList<>(layer.applyAll(List.of(x), call));
      List<Tensor> sources = new ArrayList<>(List.of(x));
      layer.trainableWeights().forEach(v -> sources.add(v.raw()));
      y.addAll(tape.gradients(List.of(Ops.sum(Ops.square(y.get(0)))), null, sources));
      return y;
    }
  }

  @Test
  void statesAreCarriedUntilReset() {
    LSTM carried = LSTM.builder(3).stateful(true).build();
    Tensor once = carried.apply(x);
    Tensor twice = carried.apply(x);
    LSTM whole = new LSTM(3);
    whole.build(x.shape());
    whole.setWeights(carried.getWeights());
    assertClose(twice, whole.apply(Ops.concatenate(List.of(x, x), 1)), 1e-5f);
    carried.resetState();
    assertThat(carried.apply(x).toFloatArray()).isEqualTo(once.toFloatArray());
    assertThat(carried.weights()).hasSize(3);
    assertThatThrownBy(() -> carried.apply(random.normal(2, 5, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("Expected 3. Received: 2");
  }

  @Test
  void dropoutUsesOneMaskForAllStepsAndRestsInPrediction() {
    // identity weights: each output is the running sum of what dropout leaves of ones
    SimpleRNN sum =
        SimpleRNN.builder(4)
            .activation("linear")
            .useBias(false)
            .kernelInitializer("identity")
            .recurrentInitializer("identity")
            .returnSequences(true)
            .dropout(0.5)
            .seed(3)
            .build();
    Tensor ones = Ops.ones(Shape.of(8, 3, 4), DType.FLOAT32);
    float[] y = sum.apply(ones, CallArgs.training(true)).toFloatArray();
    for (int b = 0; b < 8; b++) {
      for (int u = 0; u < 4; u++) {
        float step = y[b * 12 + u];
        assertThat(step).isIn(0f, 2f);
        assertThat(y[b * 12 + 8 + u]).isEqualTo(3 * step);
      }
    }
    assertThat(sum.apply(ones).toFloatArray()[0]).isEqualTo(1f);
  }

  @Test
  void anyCellCanBeLooped() {
    RNN rnn = RNN.builder(new Sum()).returnSequences(true).build();
    Tensor ones = Ops.ones(Shape.of(1, 3, 2), DType.FLOAT32);
    assertThat(rnn.apply(ones).toFloatArray()).containsExactly(1, 1, 2, 2, 3, 3);
    Tensor captured =
        CompiledFunction.of(in -> List.of(rnn.apply(in.get(0)))).run(List.of(ones)).get(0);
    assertThat(captured.toFloatArray()).containsExactly(1, 1, 2, 2, 3, 3);
  }

  /** A cell of one's own: adds its inputs up. */
  private static final class Sum extends RnnCell {
    static final LayerType<Sum> TYPE =
        LayerType.custom("test", "Sum", Sum::new).inputs("inputs", "states");

    private int features;

    Sum() {
      this(Config.EMPTY);
    }

    Sum(Config config) {
      super(TYPE, config);
    }

    @Override
    protected void build(BuildContext b) {
      features = b.known(0, -1);
    }

    @Override
    public List<Shape> stateShapes() {
      return List.of(Shape.of(features));
    }

    @Override
    public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
      Tensor s = inputs.get(0).plus(inputs.get(1));
      return List.of(s, s);
    }
  }

  @Test
  void directionsStartWithDifferentWeightsAndReadFromBothEnds() {
    Bidirectional both = Bidirectional.builder(new LSTM(3)).mergeMode(null).build();
    List<Tensor> y = both.applyAll(List.of(x), CallArgs.NONE);
    List<Tensor> w = both.getWeights();
    assertThat(w.get(0).toFloatArray()).isNotEqualTo(w.get(3).toFloatArray());
    assertThat(both.forwardLayer().name()).isEqualTo("forward_lstm");
    List<Tensor> swapped = new ArrayList<>(w.subList(3, 6));
    swapped.addAll(w.subList(0, 3));
    both.setWeights(swapped);
    List<Tensor> z = both.applyAll(List.of(Ops.flip(x, 1)), CallArgs.NONE);
    assertClose(z.get(1), y.get(0), 1e-6f);
    assertClose(z.get(0), y.get(1), 1e-6f);
  }

  @Test
  void wrongStatesAreRefusedByShape() {
    assertThatThrownBy(() -> new GRU(3).apply(x, CallArgs.of("initial_state", random.normal(3, 2))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("initial_state: expected shapes [(3, 3)]. Received: [(3, 2)]");
    assertThatThrownBy(() -> new LSTM(3).apply(Ops.zeros(Shape.of(2, 0, 4), DType.FLOAT32)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("at least one step");
  }
}
