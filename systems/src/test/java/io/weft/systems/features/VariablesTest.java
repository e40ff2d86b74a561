package io.weft.systems.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.models.Sequential;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Weights, their order, their dtypes, and what is asked of them. */
class VariablesTest {
  private static final Initializer ONES = Registry.standard().named(Initializer.class, "ones");

  /** One weight by each name of the method, built once. */
  private static final class Old extends UnaryLayer {
    private int builds;
    private Variable a;

    Old() {
      super(LayerType.custom("features", "Old", c -> new Old()), Config.EMPTY);
      setInputSpec(InputSpec.rank(2));
    }

    @Override
    @SuppressWarnings("deprecation")
    protected void build(BuildContext b) {
      builds++;
      b.addWeight("still", Shape.of(2), ONES, null, null, false);
      a = b.addVariable("a", Shape.of(b.known(0, -1)), ONES);
    }

    @Override
    public Tensor call(Tensor x, CallContext ctx) {
      return x.times(a.value());
    }
  }

  @Test
  void theOldNameMakesAWeightToo() {
    Old layer = new Old();
    assertThat(layer.isBuilt()).isFalse();
    layer.apply(Ops.ones(Shape.of(2, 3), DType.FLOAT32));
    layer.apply(Ops.ones(Shape.of(5, 3), DType.FLOAT32));
    assertThat(layer.builds).isEqualTo(1);
    assertThat(layer.weights()).extracting(Variable::name).containsExactly("a", "still");
    assertThat(layer.trainableWeights()).containsExactly(layer.a);
    assertThat(layer.a.trainable()).isTrue();
    assertThat(layer.inputSpecs()).hasSize(1);
    assertThatThrownBy(() -> layer.apply(Ops.ones(Shape.of(3), DType.FLOAT32)))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void weightsStandInTheOrderOfKeras3() {
    Sequential m = new Sequential(new Dense(2), new BatchNormalization(), new Dense(1));
    m.build(Shape.of(-1, 3));
    assertThat(m.weights())
        .extracting(Variable::name)
        .containsExactly(
            "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "kernel", "bias");
    assertThat(m.variables()).containsAll(m.weights());
    assertThat(m.trainableWeights()).hasSize(6);
    assertThat(m.nonTrainableWeights()).hasSize(2);
    m.setTrainable(false);
    assertThat(m.nonTrainableWeights()).hasSize(8);
  }

  @Test
  void numbersOfWeightsAreCheckedBeforeAnyIsSet() {
    Dense d = new Dense(2);
    d.build(Shape.of(-1, 3));
    List<Tensor> before = d.getWeights();
    Tensor kernel = Ops.ones(Shape.of(3, 2), DType.FLOAT32);
    assertThatThrownBy(() -> d.setWeights(List.of(kernel)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected 2 weights. Received: 1");
    assertThatThrownBy(() -> d.setWeights(List.of(kernel, kernel)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("bias");
    assertThat(d.getWeights().get(0).toFloatArray()).isEqualTo(before.get(0).toFloatArray());
  }

  @Test
  void countsNeedABuild() {
    Dense d = new Dense(2);
    assertThatThrownBy(d::countParams)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("countParams");
    d.build(Shape.of(-1, 3));
    assertThat(d.countParams()).isEqualTo(8);
    assertThat(new Sequential(new Dense(2)).summary()).contains("unbuilt");
  }

  @Test
  void policiesSayBothDtypes() {
    Dense d = Dense.builder(2).dtype("mixed_bfloat16").build();
    d.build(Shape.of(-1, 3));
    assertThat(d.policy().variable()).isEqualTo(DType.FLOAT32);
    assertThat(d.policy().compute()).isEqualTo(DType.BFLOAT16);
    assertThat(d.weights()).allMatch(w -> w.dtype() == DType.FLOAT32);
    assertThat(d.apply(Ops.ones(Shape.of(2, 3), DType.FLOAT32)).dtype()).isEqualTo(DType.BFLOAT16);
  }

  @Test
  void noLayerIsDynamic() {
    assertThat(new Dense(2).isDynamic()).isFalse();
    assertThat(new Old().isDynamic()).isFalse();
  }
}
