package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.compile.CompiledFunction;
import io.weft.error.BackendException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final int ROWS = 46_000; // squared, 7.9 GiB of floats

  @Test
  void stepThatLacksMemoryLeavesVariablesAsTheyWere() {
    assumeTrue(Runtime.getRuntime().maxMemory() < 7L << 30);
    Variable v = new Variable("v", Tensor.of(new float[] {1, 2}, 2), true);
    CompiledFunction step =
        CompiledFunction.of(
            in -> {
              v.assign(v.raw().plus(1));
              Tensor all = in.get(0).matmul(Ops.transpose(in.get(0)));
              return List.of(Ops.sum(Ops.cumsum(all, 0)));
            });
    Tensor large = Ops.zeros(Shape.of(ROWS, 1), DType.FLOAT32);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> step.run(List.of(large)))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining("-Xmx");
    }
    assertThat(v.concrete().toFloatArray()).containsExactly(1, 2);
    step.run(List.of(Ops.zeros(Shape.of(3, 1), DType.FLOAT32)));
    assertThat(v.concrete().toFloatArray()).containsExactly(2, 3);
  }
}
