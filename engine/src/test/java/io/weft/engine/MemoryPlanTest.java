package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.compile.CompiledFunction;
import io.weft.engine.JavaExecutable.Slot;
import io.weft.engine.JavaExecutable.Step;
import io.weft.engine.op.Kernel;
import io.weft.tensor.Convolution;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.assertj.core.data.Offset;
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

  private static final int[] ONES = {1, 1};
  private static final Kernel BY_LENGTHS = (in, out) -> {};
  private static final Kernel BY_SPECS = Kernel.bySpecs(BY_LENGTHS);

  /** The plan of a chain of steps; values 0 … n of these sizes, of which the last is the result. */
  private static MemoryPlan chain(int[] sizes, Kernel... kernels) {
    Slot[] slots =
        Arrays.stream(sizes).mapToObj(n -> new Slot(float.class, n)).toArray(Slot[]::new);
    Step[] steps = new Step[kernels.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = new Step(kernels[i], new int[] {i}, new int[] {i + 1});
    }
    return new MemoryPlan(steps, slots, new int[] {kernels.length});
  }

  private static int[] sizes(MemoryPlan plan) {
    return plan.buffers.stream().mapToInt(Slot::size).toArray();
  }

  @Test
  void valuesOfDifferentSizesShareBuffersWhereKernelsCountBySpecs() {
    int[] sizes = {10, 200, 100, 400, 300, 4, 5};
    MemoryPlan plan = chain(sizes, BY_SPECS, BY_SPECS, BY_SPECS, BY_SPECS, BY_SPECS, BY_SPECS);
    // 200 grows to 400; 300 takes the place of 100; 4 would waste too much
    assertThat(sizes(plan)).containsExactly(400, 300, 4);
    assertThat(plan.buffer).containsExactly(-1, 0, 1, 0, 1, 2, -1);
  }

  @Test
  void valuesOfKernelsThatAskForLengthsHaveArraysOfTheirSize() {
    int[] sizes = {10, 200, 100, 400, 200, 100, 5};
    MemoryPlan plan = chain(sizes, BY_SPECS, BY_SPECS, BY_LENGTHS, BY_SPECS, BY_SPECS, BY_SPECS);
    // 100 and 400 are read and made by lengths; the last two may lie anywhere
    assertThat(plan.buffers.get(plan.buffer[2]).size()).isEqualTo(100);
    assertThat(plan.buffers.get(plan.buffer[3]).size()).isEqualTo(400);
    for (int v = 1; v < 6; v++) {
      assertThat(plan.buffers.get(plan.buffer[v]).size()).isGreaterThanOrEqualTo(sizes[v]);
    }
    assertThat(plan.buffer[4]).isNotEqualTo(plan.buffer[3]);
    assertThat(sizes(chain(sizes, BY_LENGTHS, BY_LENGTHS, BY_LENGTHS, BY_LENGTHS, BY_LENGTHS)))
        .containsExactly(200, 100, 400);
  }

  /** Convolutions, sums and loops over arrays larger than their values. */
  @Test
  void numbersStayWhereBuffersAreLarger() {
    Function<List<Tensor>, List<Tensor>> f =
        in -> {
          Tensor x = in.get(0);
          for (int filters : new int[] {40, 3, 24, 8, 33}) {
            int channels = x.dim(-1);
            Tensor kernel = Ops.sin(Ops.arange(9 * channels * filters).times(0.37));
            Convolution.Geometry g =
                Convolution.Geometry.of("same", new int[] {11, 9}, new int[] {3, 3}, ONES, ONES, 1);
            x = Convolution.conv(g, x, Ops.reshape(kernel, 3, 3, channels, filters));
            x = Ops.tanh(x.times(0.2).plus(Ops.cos(Ops.arange(filters).times(1.0))));
            x = x.times(Ops.mean(x, new int[] {1, 2}, true));
          }
          return List.of(x);
        };
    Tensor x = Ops.reshape(Ops.sin(Ops.arange(2 * 11 * 9 * 5).times(0.7)), 2, 11, 9, 5);
    float[] want = f.apply(List.of(x)).get(0).toFloatArray();
    CompiledFunction compiled = CompiledFunction.of(f);
    for (int i = 0; i < 2; i++) {
      float[] got = compiled.run(List.of(x)).get(0).toFloatArray();
      assertThat(got).containsExactly(want, Offset.offset(1e-5f));
    }
  }
}
