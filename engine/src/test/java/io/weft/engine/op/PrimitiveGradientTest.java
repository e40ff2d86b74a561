package io.weft.engine.op;

import static io.weft.engine.op.Gradcheck.check;
import static io.weft.engine.op.Gradcheck.checkAll;
import static io.weft.engine.op.Gradcheck.random;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Fused;
import io.weft.tensor.Indexing;
import io.weft.tensor.Linalg;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Reduction;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every primitive's derivative against central differences. */
class PrimitiveGradientTest {
  /** Functions without a derivative, or of integers and bools only. */
  private static final Set<UnaryFunction> FLAT =
      EnumSet.of(
          UnaryFunction.SIGN,
          UnaryFunction.DIGAMMA,
          UnaryFunction.FLOOR,
          UnaryFunction.CEIL,
          UnaryFunction.ROUND,
          UnaryFunction.TRUNC,
          UnaryFunction.BITWISE_NOT);

  @ParameterizedTest
  @EnumSource
  void unary(UnaryFunction f) {
    if (f.toBool() || FLAT.contains(f)) {
      return;
    }
    boolean above = f == UnaryFunction.ARCCOSH;
    check(x -> Ops.unary(f, x.get(0)), above ? random(1, 1.2, 3, 2, 5) : random(1, 0.1, 0.9, 2, 5));
    Set<UnaryFunction> anywhere = EnumSet.range(UnaryFunction.SIN, UnaryFunction.TAN);
    anywhere.addAll(
        EnumSet.of(
            UnaryFunction.ABSOLUTE,
            UnaryFunction.SQUARE,
            UnaryFunction.EXP,
            UnaryFunction.TANH,
            UnaryFunction.ERF,
            UnaryFunction.SIGMOID,
            UnaryFunction.SOFTPLUS,
            UnaryFunction.RELU,
            UnaryFunction.GELU,
            UnaryFunction.GELU_SLOPE,
            UnaryFunction.SILU,
            UnaryFunction.I1));
    if (anywhere.contains(f)) {
      check(x -> Ops.unary(f, x.get(0)), random(2, -2, 2, 7));
    }
  }

  @ParameterizedTest
  @EnumSource
  void binary(BinaryFunction f) {
    if (f.toBool()
        || f.compareTo(BinaryFunction.GCD) >= 0
        || f == BinaryFunction.FLOOR_DIVIDE
        || f == BinaryFunction.NEXTAFTER) {
      return;
    }
    int[][][] shapes = {
      {{3, 4}, {3, 4}}, {{3, 4}, {4}}, {{3, 1}, {2, 1, 4}}, {{}, {3}}, {{0}, {1}}
    };
    for (int[][] s : shapes) {
      check(
          x -> Ops.apply1(new Elementwise.Binary(f), x.get(0), x.get(1)),
          random(3, 0.2, 2, s[0]),
          random(4, 0.3, 1.9, s[1]));
    }
  }

  @Test
  void selectAndCast() {
    Tensor c = Tensor.of(new boolean[] {true, false, true});
    check(x -> Ops.where(c, x.get(0), x.get(1)), random(1, -1, 1, 2, 3), random(2, -1, 1, 1, 1));
  }

  @Test
  void reductions() {
    int[][] axes = {{0}, {1}, {2}, {0, 2}, {0, 1}, {0, 1, 2}};
    for (Reduction.Fold f : List.of(Reduction.Fold.SUM, Reduction.Fold.PROD, Reduction.Fold.MAX)) {
      for (int[] a : axes) {
        check(x -> Ops.reduce(f, x.get(0), a, false), random(5, 0.5, 2, 2, 3, 4));
      }
    }
    check(x -> Ops.logsumexp(x.get(0), new int[] {1}, true), random(5, -2, 2, 2, 3));
    check(x -> Ops.var(x.get(0), new int[] {0}, false), random(5, -2, 2, 4, 3));
    for (boolean sum : new boolean[] {true, false}) {
      for (boolean reverse : new boolean[] {true, false}) {
        Op op = new Reduction.Cumulative(sum, 1, reverse);
        check(x -> Ops.apply1(op, x.get(0)), random(6, 0.5, 2, 2, 4, 3));
      }
    }
  }

  @Test
  void productAtZeros() {
    check(
        x -> Ops.prod(x.get(0), new int[] {1}, false),
        Tensor.of(new double[] {0, 2, 3, 0, 0, 5}, 2, 3));
  }

  @Test
  void movement() {
    Tensor x3 = random(7, -1, 1, 2, 3, 4);
    check(x -> Ops.reshape(x.get(0), 4, -1), x3);
    check(x -> Ops.broadcastTo(x.get(0), Shape.of(2, 3, 4)), random(7, -1, 1, 3, 1));
    check(x -> Ops.transpose(x.get(0), 2, 0, 1), x3);
    Op slice = new Movement.Slice(List.of(1, 2, 3), List.of(1, 2, 2), List.of(1, -1, -2));
    check(x -> Ops.apply1(slice, x.get(0)), x3);
    Op place = new Movement.Place(Shape.of(4, 7, 4), List.of(1, 0, 3), List.of(2, 3, -1));
    check(x -> Ops.apply1(place, x.get(0)), x3);
    check(x -> Ops.pad(x.get(0), new int[][] {{1, 0}, {0, 2}, {3, 1}}, 5), x3);
    check(x -> Ops.concatenate(x, 1), x3, random(8, -1, 1, 2, 1, 4), random(9, -1, 1, 2, 0, 4));
    check(x -> Ops.tile(x.get(0), 2, 1, 3), x3);
  }

  @Test
  void indexing() {
    Tensor x3 = random(7, -1, 1, 3, 4, 2);
    Tensor rows = Tensor.of(new int[] {2, -1, 0, 0, 9}, 5);
    check(x -> Ops.take(x.get(0), rows, 1), x3);
    Tensor at = Tensor.of(new int[] {2, 1, 0, 3, 0, 1}, 3, 2);
    check(x -> Ops.apply1(new Indexing.Gather(), x.get(0), at), x3);
    for (Indexing.Combine c : Indexing.Combine.values()) {
      check(
          x -> Ops.apply1(new Indexing.Scatter(c), x.get(0), at, x.get(1)),
          random(8, 0.5, 2, 3, 4, 2),
          random(9, 0.6, 2, 3, 2));
    }
    checkAll(x -> Ops.apply(new Indexing.Sort(false), x), random(10, -1, 1, 2, 5));
    checkAll(x -> Ops.apply(new Indexing.Sort(true), x), random(10, -1, 1, 5));
  }

  @Test
  void products() {
    for (int flags = 0; flags < 4; flags++) {
      boolean ta = (flags & 1) != 0;
      boolean tb = (flags & 2) != 0;
      Op op = new Linalg.MatMul(ta, tb);
      check(
          x -> Ops.apply1(op, x.get(0), x.get(1)),
          ta ? random(1, -1, 1, 2, 1, 4, 3) : random(1, -1, 1, 2, 1, 3, 4),
          tb ? random(2, -1, 1, 5, 2, 4) : random(2, -1, 1, 5, 4, 2));
    }
    check(
        x -> Ops.einsum("bij,jk->ikb", x.get(0), x.get(1)),
        random(1, -1, 1, 2, 3, 4),
        random(2, -1, 1, 4, 5));
  }

  @Test
  void softmax() {
    check(x -> Ops.apply1(new Fused.Softmax(false), x.get(0)), random(1, -2, 2, 3, 4));
    check(x -> Ops.apply1(new Fused.Softmax(true), x.get(0)), random(1, -2, 2, 3, 4));
    check(x -> Ops.softmax(x.get(0), 0), random(1, -2, 2, 3, 4));
  }
}
