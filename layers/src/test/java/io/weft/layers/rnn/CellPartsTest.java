package io.weft.layers.rnn;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compile.CompiledFunction;
import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layers.core.PReLU;
import io.weft.layers.core.ReLU;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What a cell inside a recurrent layer may hold. */
class CellPartsTest {
  private static final Tensor X = Ops.ones(Shape.of(2, 5, 3), DType.FLOAT32);

  private static RNN of(Config cell) {
    return Layer.fromConfig(
        RNN.TYPE, Config.of("cell", Layer.fromConfig(SimpleRNNCell.TYPE, cell)));
  }

  @Test
  void aLayerAsActivationComputesLikeTheActivation() {
    RNN plain = of(Config.of("units", 4, "activation", "relu"));
    Tensor want = plain.apply(X);
    RNN layered =
        of(Config.of("units", 4, "activation", Layer.fromConfig(ReLU.TYPE, Config.EMPTY)));
    layered.build(X.shape());
    layered.setWeights(plain.getWeights());
    assertThat(layered.apply(X).toFloatArray())
        .containsExactly(want.toFloatArray(), Offset.offset(1e-6f));
  }

  @Test
  void aLayerWithWeightsAsActivationIsBuiltWithTheRest() {
    RNN r = of(Config.of("units", 4, "activation", Layer.fromConfig(PReLU.TYPE, Config.EMPTY)));
    r.build(Shape.of(Shape.UNKNOWN, 5, 3));
    assertThat(r.countParams()).isEqualTo(3 * 4 + 4 * 4 + 4 + 4);
  }

  @Test
  void penaltiesOfStepsAddUpInsideACaptureToo() {
    RNN r = of(Config.of("units", 4, "activity_regularizer", "l2"));
    r.apply(X);
    assertThat(r.losses()).hasSize(10); // for each step its output and its state, as Keras
    CompiledFunction step =
        CompiledFunction.of(
            xs -> {
              r.apply(xs.get(0));
              return List.of(Ops.sum(Ops.stack(r.losses(), 0)));
            });
    float captured = step.run(List.of(X)).get(0).toFloatArray()[0];
    r.apply(X);
    float eager = Ops.sum(Ops.stack(r.losses(), 0)).toFloatArray()[0];
    assertThat(captured).isEqualTo(eager, Offset.offset(1e-6f));
  }
}
