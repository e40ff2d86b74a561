package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compile.CompiledFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  /** Results must be arrays of their own: a later run must not change them. */
  @Test
  void resultsSurviveLaterRuns() {
    CompiledFunction f =
        CompiledFunction.of(
            in -> {
              Tensor a = Ops.softmax(in.get(0), -1);
              Tensor b = Ops.transpose(a);
              return List.of(a, b, Ops.reshape(b, -1), in.get(0), a);
            });
    List<Tensor> first = f.run(List.of(Tensor.of(new float[] {0, 0, 0, 0}, 2, 2)));
    float[][] before = first.stream().map(Tensor::toFloatArray).toArray(float[][]::new);
    f.run(List.of(Tensor.of(new float[] {9, 1, -3, 4}, 2, 2)));
    for (int i = 0; i < before.length; i++) {
      assertThat(first.get(i).toFloatArray()).containsExactly(before[i]);
    }
  }

  @Test
  void constantsAreNotWritten() {
    Tensor c = Tensor.of(new float[] {1, 2, 3});
    CompiledFunction f =
        CompiledFunction.of(in -> List.of(Ops.exp(Ops.add(in.get(0), c)), Ops.negative(c)));
    Tensor x = Tensor.of(new float[] {0, 0, 0});
    float[] want = f.run(List.of(x)).get(0).toFloatArray();
    assertThat(f.run(List.of(x)).get(0).toFloatArray()).containsExactly(want);
    assertThat(c.toFloatArray()).containsExactly(1, 2, 3);
    assertThat(x.toFloatArray()).containsExactly(0, 0, 0);
  }

  @Test
  void threadsDoNotShareWorkspaces() throws Exception {
    CompiledFunction f =
        CompiledFunction.of(
            in -> {
              Tensor y = in.get(0);
              for (int i = 0; i < 6; i++) {
                y = Ops.transpose(Ops.softmax(y, -1)).times(3);
              }
              return List.of(y);
            });
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Tensor x = Ops.full(Shape.of(17, 23), t, DType.FLOAT32).plus(Ops.arange(23));
      float[] want = f.run(List.of(x)).get(0).toFloatArray();
      tasks.add(
          () -> {
            boolean same = true;
            for (int i = 0; i < 200; i++) {
              same &= java.util.Arrays.equals(f.run(List.of(x)).get(0).toFloatArray(), want);
            }
            return same;
          });
    }
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      for (Future<Boolean> done : pool.invokeAll(tasks)) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      pool.shutdown();
    }
  }

  /** A snapshot of a variable keeps its numbers when a compiled step assigns it. */
  @Test
  void assignmentsLeaveSnapshotsAlone() {
    Variable v = new Variable("v", Tensor.of(new float[] {1, 2}), true);
    CompiledFunction step =
        CompiledFunction.of(
            in -> {
              v.assign(v.value().plus(in.get(0)));
              return List.of(v.value());
            });
    Tensor before = v.value();
    Tensor after = step.run(List.of(Tensor.of(new float[] {1, 1}))).get(0);
    step.run(List.of(Tensor.of(new float[] {5, 5})));
    assertThat(before.toFloatArray()).containsExactly(1, 2);
    assertThat(after.toFloatArray()).containsExactly(2, 3);
    assertThat(v.value().toFloatArray()).containsExactly(7, 8);
  }
}
