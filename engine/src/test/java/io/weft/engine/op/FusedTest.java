package io.weft.engine.op;

import static io.weft.engine.op.Gradcheck.checkAll;
import static io.weft.engine.op.Gradcheck.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.autodiff.GradientTape;
import io.weft.fused.Attention;
import io.weft.fused.LayerNorm;
import io.weft.fused.Recurrent;
import io.weft.fused.RmsNorm;
import io.weft.tensor.DType;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fused kernels in float32 against the ops' decompositions in float64, values and derivatives. */
class FusedTest {
  record Case(Op op, int used, List<Tensor> in) {
    @Override
    public String toString() {
      return op.toString();
    }
  }

  private static Case of(Op op, int used, Tensor... in) {
    return new Case(op, used, List.of(in));
  }

  static Stream<Case> cases() {
    List<Case> c = new ArrayList<>();
    Tensor x = random(1, -1, 1, 2, 3, 5);
    Tensor g = random(2, 0.5, 1.5, 5);
    Tensor b = random(3, -1, 1, 5);
    c.add(of(new LayerNorm(1e-3, true, true), 1, x, g, b));
    c.add(of(new LayerNorm(1e-3, false, true), 1, x, b));
    c.add(of(new LayerNorm(1e-3, false, false), 1, x));
    c.add(of(new RmsNorm(1e-6, true), 1, x, g));
    c.add(of(new RmsNorm(1e-6, false), 1, x));
    Tensor h = random(4, -1, 1, 2, 4);
    Tensor k = random(5, -1, 1, 2, 4);
    for (boolean reverse : new boolean[] {false, true}) {
      c.add(
          of(
              new Recurrent.Lstm(true, reverse),
              2,
              x,
              random(6, -1, 1, 5, 16),
              random(7, -1, 1, 4, 16),
              random(8, -1, 1, 16),
              h,
              k));
      for (boolean after : new boolean[] {false, true}) {
        c.add(
            of(
                new Recurrent.Gru(true, after, reverse),
                1,
                x,
                random(6, -1, 1, 5, 12),
                random(7, -1, 1, 4, 12),
                after ? random(8, -1, 1, 2, 12) : random(8, -1, 1, 12),
                h));
      }
      for (Recurrent.Activation a : Recurrent.Activation.values()) {
        c.add(
            of(
                new Recurrent.Simple(a, true, reverse),
                1,
                x,
                random(6, -1, 1, 5, 4),
                random(7, -1, 1, 4, 4),
                random(8, -1, 1, 4),
                h));
      }
    }
    Tensor w5 = random(6, -1, 1, 5, 16);
    c.add(of(new Recurrent.Lstm(false, false), 2, x, w5, random(7, -1, 1, 4, 16), h, k));
    Tensor q = random(1, -1, 1, 2, 3, 4, 5);
    Tensor key = random(2, -1, 1, 2, 6, 2, 5);
    Tensor value = random(3, -1, 1, 2, 6, 2, 3);
    Tensor bias = random(4, -1, 1, 2, 1, 3, 6);
    Tensor mask = Ops.greater(random(5, -1, 2, 2, 1, 1, 6), 0);
    Tensor nothing = Ops.cast(Ops.zeros(Shape.of(1, 1, 3, 6), DType.INT32), DType.BOOL);
    double inf = Double.NEGATIVE_INFINITY;
    c.add(of(new Attention(0.4, false, -1e9, false, false), 1, q, key, value));
    c.add(of(new Attention(0.4, true, inf, true, true), 1, q, key, value, bias, mask));
    c.add(of(new Attention(0.4, true, -1e9, false, true), 1, q, key, value, mask));
    c.add(of(new Attention(0.4, false, inf, false, true), 1, q, key, value, nothing));
    return c.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void derivative(Case c) {
    checkAll(x -> Ops.apply(c.op, x).subList(0, c.used), c.in.toArray(new Tensor[0]));
  }

  /** More rows and steps than are worked on at once. */
  static Stream<Case> longSequences() {
    Tensor x = random(1, -1, 1, 18, 70, 3);
    Tensor h = random(2, -1, 1, 18, 33);
    return Stream.of(
        longSequence(new Recurrent.Lstm(true, true), 4, 1, x, h, random(3, -1, 1, 18, 33)),
        longSequence(new Recurrent.Gru(true, true, false), 3, 2, x, h),
        longSequence(new Recurrent.Gru(true, false, true), 3, 1, x, h),
        longSequence(new Recurrent.Simple(Recurrent.Activation.TANH, true, true), 1, 1, x, h));
  }

  private static Case longSequence(Op op, int gates, int biases, Tensor x, Tensor... states) {
    List<Tensor> in = new ArrayList<>();
    in.add(x);
    in.add(random(4, -0.3, 0.3, 3, gates * 33));
    in.add(random(5, -0.2, 0.2, 33, gates * 33)); // states contract: rounding does not grow
    in.add(biases == 2 ? random(6, -1, 1, 2, gates * 33) : random(6, -1, 1, gates * 33));
    in.addAll(List.of(states));
    return new Case(op, 1, in);
  }

  private static List<Tensor> valuesAndGradients(Case c, List<Tensor> in) {
    try (GradientTape tape = GradientTape.open()) {
      List<Tensor> y = Ops.apply(c.op, in);
      List<Tensor> used = y.subList(0, c.used);
      List<Tensor> seeds = new ArrayList<>();
      for (Tensor t : used) {
        seeds.add(Ops.cast(random(11, -1, 1, t.shape().dims()), t.dtype()));
      }
      List<Tensor> sources = in.stream().filter(t -> t.dtype().isFloating()).toList();
      List<Tensor> all = new ArrayList<>(y);
      all.addAll(tape.gradients(used, seeds, sources));
      return all;
    }
  }

  @ParameterizedTest
  @MethodSource({"cases", "longSequences"})
  void kernelsAgreeWithDecompositions(Case c) {
    List<Tensor> want = valuesAndGradients(c, c.in);
    for (DType d : new DType[] {DType.FLOAT32, DType.BFLOAT16}) {
      List<Tensor> narrow =
          c.in.stream().map(t -> t.dtype().isFloating() ? Ops.cast(t, d) : t).toList();
      List<Tensor> got = valuesAndGradients(c, narrow);
      double bound = d == DType.FLOAT32 ? 2e-5 : 0.2;
      for (int i = 0; i < want.size(); i++) {
        if (want.get(i) == null) {
          continue; // no influence
        }
        double[] a = got.get(i).toDoubleArray();
        double[] b = want.get(i).toDoubleArray();
        for (int j = 0; j < a.length; j++) {
          boolean near =
              a[j] == b[j] || Math.abs(a[j] - b[j]) <= bound * Math.max(1, Math.abs(b[j]));
          assertThat(near).as("%s output %d [%d]: %s and %s", d, i, j, a[j], b[j]).isTrue();
        }
      }
    }
  }
}
