package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.compile.CompiledFunction;
import io.weft.control.Control;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Loops and conditions: captured as ops they give what they give as Java control flow. */
class ControlTest {
  /** Values and gradients of a function, eagerly and compiled. */
  private static void sameEagerAndCompiled(Function<List<Tensor>, List<Tensor>> f, Tensor... in) {
    Function<List<Tensor>, List<Tensor>> all =
        x -> {
          try (GradientTape tape = GradientTape.open()) {
            List<Tensor> y = f.apply(x);
            List<Tensor> r = new ArrayList<>(y);
            List<Tensor> g = tape.gradients(y, null, x);
            for (int i = 0; i < g.size(); i++) {
              r.add(g.get(i) == null ? Ops.zerosLike(x.get(i)) : g.get(i));
            }
            return r;
          }
        };
    List<Tensor> eager = all.apply(List.of(in));
    List<Tensor> compiled = CompiledFunction.of(all).run(List.of(in));
    assertThat(compiled).hasSameSizeAs(eager);
    for (int i = 0; i < eager.size(); i++) {
      assertThat(compiled.get(i).toDoubleArray())
          .as("result %d", i)
          .containsExactly(
              eager.get(i).toDoubleArray(), org.assertj.core.data.Offset.offset(1e-12));
    }
  }

  private static final Tensor X =
      Tensor.of(new double[] {0.1, -0.4, 0.3, 0.8, -0.2, 0.5, 0.9, -0.7, 0.6, 0.2, 0, 1}, 3, 2, 2);
  private static final Tensor H = Tensor.of(new double[] {0.5, -0.5, 0.25, 1}, 2, 2);
  private static final Tensor W = Tensor.of(new double[] {0.3, -0.6, 0.2, 0.7}, 2, 2);

  private static List<Tensor> recurrent(List<Tensor> in, boolean reverse) {
    Control.Step s =
        Control.scan(
            (c, x) -> {
              Tensor h = Ops.tanh(x.get(0).plus(c.get(0).matmul(in.get(2))));
              return new Control.Step(List.of(h, c.get(1).plus(1)), List.of(h.times(c.get(1)), h));
            },
            List.of(in.get(1), Tensor.scalar(0.0)),
            List.of(in.get(0)),
            3,
            reverse);
    return List.of(s.carries().get(0), s.outputs().get(0));
  }

  @Test
  void scan() {
    sameEagerAndCompiled(in -> recurrent(in, false), X, H, W);
    sameEagerAndCompiled(in -> recurrent(in, true), X, H, W);
  }

  @Test
  void scanOfSecondOrder() {
    sameEagerAndCompiled(
        in -> {
          try (GradientTape tape = GradientTape.open()) {
            Tensor y = Ops.sum(recurrent(in, false).get(1));
            return List.of(tape.gradients(List.of(y), null, List.of(in.get(2))).get(0));
          }
        },
        X,
        H,
        W);
  }

  @Test
  void variablesInsideALoop() {
    Variable w = new Variable("w", W, true);
    CompiledFunction f =
        CompiledFunction.of(
            in -> {
              try (GradientTape tape = GradientTape.open()) {
                Tensor y =
                    Control.scan(
                            (c, x) ->
                                new Control.Step(
                                    List.of(c.get(0).matmul(w.value()).plus(x.get(0))), List.of()),
                            List.of(H),
                            in,
                            3,
                            false)
                        .carries()
                        .get(0);
                return List.of(tape.gradient(Ops.sum(y), List.of(w)).get(w));
              }
            });
    double[] got = f.run(List.of(X)).get(0).toDoubleArray();
    double[] want;
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = H;
      for (Tensor x : Ops.split(X, 3, 0)) {
        y = y.matmul(w.value()).plus(Ops.squeeze(x, 0));
      }
      want = tape.gradient(Ops.sum(y), List.of(w)).get(w).toDoubleArray();
    }
    assertThat(got).containsExactly(want, org.assertj.core.data.Offset.offset(1e-12));
  }

  @Test
  void conditions() {
    sameEagerAndCompiled(
        in ->
            Control.cond(
                Ops.greater(Ops.sum(in.get(0)), 0),
                () -> List.of(Ops.square(in.get(0)).times(in.get(1))),
                () -> List.of(in.get(1).times(3))),
        H,
        W);
    sameEagerAndCompiled(
        in ->
            Control.cond(
                Ops.less(Ops.sum(in.get(0)), 0),
                () -> List.of(Ops.square(in.get(0)).times(in.get(1))),
                () -> List.of(in.get(1).times(3))),
        H,
        W);
  }

  private static List<Tensor> doubling(List<Tensor> in, int most) {
    return Control.whileLoop(
        v -> Ops.less(Ops.max(v.get(0), null, false), 100),
        v -> List.of(v.get(0).times(in.get(1)), v.get(1).plus(1)),
        List.of(in.get(0), Tensor.scalar(0.0)),
        most);
  }

  @Test
  void loops() {
    Tensor x = Tensor.of(new double[] {1, 3});
    Tensor two = Tensor.scalar(2.0);
    sameEagerAndCompiled(in -> doubling(in, 20), x, two);
    sameEagerAndCompiled(in -> doubling(in, 3), x, two);
    List<Tensor> r = CompiledFunction.of(in -> doubling(in, -1)).run(List.of(x, two));
    assertThat(r.get(0).toDoubleArray()).containsExactly(64, 192);
    assertThat(r.get(1).item()).isEqualTo(6);
  }

  @Test
  void refusals() {
    assertThatThrownBy(() -> sameEagerAndCompiled(in -> doubling(in, -1), H, Tensor.scalar(2.0)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("maximum_iterations");
    assertThatThrownBy(
            () ->
                Control.scan(
                    (c, x) -> new Control.Step(x, List.of()), List.of(H), List.of(X, X), 3, false))
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("scan: expected a body that keeps the specs");
  }
}
