package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.backend.Backends;
import io.weft.compile.CompiledFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What depends on variables alone is computed once for each of their states. */
class HoistingTest {
  private static final int N = 100;

  private final Variable gamma = new Variable("gamma", ramp(1), true);
  private final Variable variance = new Variable("variance", ramp(2), true);

  private static Tensor ramp(float from) {
    float[] x = new float[N];
    for (int i = 0; i < N; i++) {
      x[i] = from + i;
    }
    return Tensor.of(x, N);
  }

  private Tensor factor() {
    return gamma.value().times(Ops.rsqrt(variance.value().plus(1)));
  }

  private static long runs() {
    String d = Backends.current().diagnostics();
    return Long.parseLong(d.replaceAll(".*, (\\d+) runs.*", "$1"));
  }

  /** Runs of the backend that calls take: a later one, and the first after a variable changed. */
  private List<Long> runs(CompiledFunction f, Tensor x) {
    f.run(List.of(x)); // captured now
    long start = runs();
    f.run(List.of(x));
    long later = runs();
    gamma.assign(ramp(7));
    long assigned = runs();
    f.run(List.of(x));
    return List.of(later - start, runs() - assigned);
  }

  @Test
  void otherNumbersOfVariablesAreSeen() {
    Function<List<Tensor>, List<Tensor>> body = x -> List.of(x.get(0).times(factor()));
    CompiledFunction f = CompiledFunction.of(body);
    List<Tensor> x = List.of(ramp(0));
    for (int i = 0; i < 4; i++) {
      (i % 2 == 0 ? gamma : variance).assign(ramp(10 * i + 3));
      for (int again = 0; again < 3; again++) {
        assertThat(f.run(x).get(0).toFloatArray()).isEqualTo(body.apply(x).get(0).toFloatArray());
      }
    }
  }

  @Test
  void onlyTheFirstRunMakesThem() {
    CompiledFunction f = CompiledFunction.of(x -> List.of(x.get(0).times(factor())));
    assertThat(runs(f, ramp(0))).containsExactly(1L, 2L);
  }

  @Test
  void resultsThatAreVariablesOrMadeOfThemAlone() {
    CompiledFunction f =
        CompiledFunction.of(
            x ->
                List.of(
                    factor(),
                    gamma.value(),
                    Ops.reshape(gamma.value(), 10, 10),
                    Ops.reshape(factor(), 10, 10),
                    x.get(0).plus(Ops.reshape(factor(), N))));
    for (int i = 0; i < 3; i++) {
      List<Tensor> y = f.run(List.of(ramp(0)));
      float[] want = factor().toFloatArray();
      assertThat(y.get(0).toFloatArray()).isEqualTo(want);
      assertThat(y.get(1).toFloatArray()).isEqualTo(gamma.value().toFloatArray());
      assertThat(y.get(2).shape()).isEqualTo(Shape.of(10, 10));
      assertThat(y.get(3).toFloatArray()).isEqualTo(want);
      assertThat(y.get(4).toFloatArray()).isEqualTo(ramp(0).plus(factor()).toFloatArray());
      gamma.assign(ramp(i));
    }
  }

  /** A step that assigns a variable makes what depends on it each time. */
  @Test
  void assignedVariablesDoNotLast() {
    CompiledFunction f =
        CompiledFunction.of(
            x -> {
              Tensor y = x.get(0).times(factor());
              gamma.assign(gamma.value().plus(1));
              return List.of(y);
            });
    for (int i = 0; i < 4; i++) {
      float[] want = ramp(0).times(factor()).toFloatArray();
      assertThat(f.run(List.of(ramp(0))).get(0).toFloatArray()).isEqualTo(want);
    }
    assertThat(gamma.value().toFloatArray()[0]).isEqualTo(5);
  }

  /** One thread assigns whole states, the others must never see a mixture of two. */
  @Test
  void threadsSeeWholeStates() throws Exception {
    CompiledFunction f =
        CompiledFunction.of(
            x ->
                List.of(
                    x.get(0)
                        .plus(Ops.square(gamma.value()).minus(Ops.square(gamma.value().plus(0))))));
    CompiledFunction g =
        CompiledFunction.of(x -> List.of(x.get(0).plus(Ops.square(gamma.value()))));
    var team = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        all.add(
            team.submit(
                () -> {
                  for (int i = 0; i < 2000; i++) {
                    assertThat(f.run(List.of(ramp(0))).get(0).toFloatArray()[5]).isEqualTo(5);
                    float y =
                        g.run(List.of(Ops.zeros(Shape.of(N), DType.FLOAT32)))
                            .get(0)
                            .toFloatArray()[0];
                    double root = Math.sqrt(y);
                    assertThat(root).isEqualTo(Math.rint(root));
                  }
                }));
      }
      all.add(
          team.submit(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  gamma.assign(ramp(i % 50));
                }
              }));
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      team.shutdownNow();
    }
  }

  /** Values larger than what they are made of would only take memory. */
  @Test
  void largeValuesAreMadeWhereTheyAreUsed() {
    CompiledFunction f =
        CompiledFunction.of(
            x -> List.of(x.get(0).plus(Ops.broadcastTo(gamma.value(), Shape.of(200, N)))));
    Tensor x =
        RandomOps.normal(Shape.of(200, N), 0, 1, DType.FLOAT32, Tensor.of(new long[] {1, 0}));
    assertThat(runs(f, x)).containsExactly(1L, 1L);
  }

  /** So do weights of half the bits, which a product takes in turn. */
  @Test
  void widerCopiesOfWeightsAreNotKept() {
    Tensor half = Ops.cast(Ops.ones(Shape.of(N, N), DType.FLOAT32), DType.BFLOAT16);
    Variable kernel = new Variable("kernel", half, true);
    CompiledFunction f =
        CompiledFunction.of(
            x ->
                List.of(
                    Ops.matmul(x.get(0), Ops.cast(kernel.value(), DType.FLOAT32))
                        .plus(gamma.value())));
    assertThat(runs(f, Ops.ones(Shape.of(2, N), DType.FLOAT32))).containsExactly(1L, 1L);
  }
}
