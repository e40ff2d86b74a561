package io.weft.layers.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compile.CompiledFunction;
import io.weft.layer.CallArgs;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchNormalizationTest {
  private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 6}, 2, 2);

  @Test
  void aCompiledStepMovesTheStatisticsAsAnEagerCallDoes() {
    BatchNormalization eager = new BatchNormalization();
    BatchNormalization compiled = new BatchNormalization();
    eager.build(Shape.of(-1, 2));
    compiled.build(Shape.of(-1, 2));
    float[] y = eager.apply(X, CallArgs.training(true)).toFloatArray();
    CompiledFunction step =
        CompiledFunction.of(in -> List.of(compiled.apply(in.get(0), CallArgs.training(true))));
    assertThat(step.run(List.of(X)).get(0).toFloatArray()).containsExactly(y);
    for (int i = 0; i < 4; i++) {
      assertThat(compiled.getWeights().get(i).toFloatArray())
          .containsExactly(eager.getWeights().get(i).toFloatArray());
    }
  }

  @Test
  void aFrozenLayerKeepsItsStatisticsInTraining() {
    BatchNormalization layer = new BatchNormalization();
    layer.build(Shape.of(-1, 2));
    layer.setTrainable(false);
    layer.apply(X, CallArgs.training(true));
    assertThat(layer.getWeights().get(2).toFloatArray()).containsExactly(0, 0);
    assertThat(layer.getWeights().get(3).toFloatArray()).containsExactly(1, 1);
  }

  @Test
  void shapeInferenceMovesNothing() {
    BatchNormalization layer = new BatchNormalization();
    assertThat(layer.computeOutputShape(Shape.of(-1, 3, 2))).containsExactly(Shape.of(-1, 3, 2));
    assertThat(layer.getWeights().get(2).toFloatArray()).containsExactly(0, 0);
  }
}
