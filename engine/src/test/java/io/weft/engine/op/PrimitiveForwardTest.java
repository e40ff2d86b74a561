package io.weft.engine.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.error.ShapeException;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Elementwise;
import io.weft.tensor.HostArray;
import io.weft.tensor.Indexing;
import io.weft.tensor.Linalg;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Reduction;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels in all dtypes: whole tensors against one element at a time, and recorded semantics. */
class PrimitiveForwardTest {
  static Stream<DType> numbers() {
    return Arrays.stream(DType.values()).filter(d -> d != DType.STRING);
  }

  private static Tensor random(DType d, int seed, int... shape) {
    SplittableRandom r = new SplittableRandom(seed);
    HostArray a = HostArray.zeros(d, Shape.of(shape));
    for (int i = 0; i < a.size(); i++) {
      if (d.isFloating()) {
        a.set(i, r.nextInt(10) == 0 ? Double.NaN : r.nextDouble(-20, 20));
      } else {
        a.set(i, r.nextInt(8) == 0 ? r.nextLong() : r.nextLong(-9, 9));
      }
    }
    return Tensor.ofTrusted(a);
  }

  private static Tensor element(Tensor x, int i) {
    HostArray a = x.toHostArray();
    HostArray one = HostArray.zeros(a.dtype(), Shape.SCALAR);
    System.arraycopy(a.data(), i, one.data(), 0, 1);
    return Tensor.ofTrusted(one);
  }

  /** An op on broadcast inputs gives what it gives element by element. */
  private static void elementByElement(Op op, Tensor... in) {
    Tensor y;
    try {
      y = Ops.apply1(op, in);
    } catch (ShapeException e) {
      return; // not for this dtype
    }
    List<Tensor> wide = new ArrayList<>();
    for (Tensor x : in) {
      wide.add(
          Ops.take(
              Ops.reshape(x, -1),
              Ops.broadcastTo(
                  Ops.reshape(Ops.arange(x.shape().intSize()), x.shape().dims()), y.shape()),
              0));
    }
    HostArray got = y.toHostArray();
    for (int i = 0; i < got.size(); i++) {
      Tensor[] one = new Tensor[in.length];
      for (int j = 0; j < in.length; j++) {
        one[j] = element(wide.get(j), i);
      }
      HostArray want = Ops.apply1(op, one).toHostArray();
      assertThat(got.doubleAt(i))
          .as("%s of %s", op, one)
          .isEqualTo(Double.valueOf(want.doubleAt(0)));
      if (got.dtype().isInteger()) {
        assertThat(got.longAt(i)).isEqualTo(want.longAt(0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void elementwise(DType d) {
    int[][][] shapes = {
      {{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{2, 1}, {3}}, {{}, {4}}, {{2, 1, 3}, {5, 1}}, {{0}, {1}}
    };
    for (BinaryFunction f : BinaryFunction.values()) {
      for (int[][] s : shapes) {
        elementByElement(new Elementwise.Binary(f), random(d, 1, s[0]), random(d, 2, s[1]));
      }
    }
    for (UnaryFunction f : UnaryFunction.values()) {
      elementByElement(new Elementwise.Unary(f), random(d, 3, 2, 7));
    }
    elementByElement(
        new Elementwise.Select(), random(DType.BOOL, 4, 2, 1), random(d, 5, 3), random(d, 6, 2, 3));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void castsAsHostArraysDo(DType d) {
    Tensor x = random(d, 11, 50);
    for (DType to : numbers().toList()) {
      HostArray want = x.toHostArray().cast(to);
      HostArray got = Ops.cast(x, to).toHostArray();
      for (int i = 0; i < want.size(); i++) {
        assertThat(got.doubleAt(i))
            .as("%s to %s of %s", d, to, x.toHostArray().doubleAt(i))
            .isEqualTo(Double.valueOf(want.doubleAt(i)));
      }
    }
  }

  @Test
  void tilesJoin() {
    int n = 5003; // several tiles and a rest
    Tensor a = random(DType.FLOAT32, 1, 1, n);
    Tensor b = random(DType.FLOAT32, 2, 2, 1);
    float[] y = a.plus(b).toFloatArray();
    float[] x = a.toFloatArray();
    float[] c = b.toFloatArray();
    for (int i = 0; i < y.length; i++) {
      assertThat(y[i]).isEqualTo(Float.valueOf(x[i % n] + c[i / n]));
    }
  }

  private static int[] ints(BinaryFunction f, int[] a, int... b) {
    return Ops.binary(f, Tensor.of(a), Tensor.of(b)).toIntArray();
  }

  @Test
  void integersAsNumPy() {
    int[] a = {7, -7, 7, -7, 5, Integer.MIN_VALUE};
    int[] b = {3, 3, -3, -3, 0, -1};
    assertThat(ints(BinaryFunction.FLOOR_DIVIDE, a, b))
        .containsExactly(2, -3, -3, 2, 0, Integer.MIN_VALUE);
    assertThat(ints(BinaryFunction.MOD, a, b)).containsExactly(1, 2, -2, -1, 0, 0);
    assertThat(ints(BinaryFunction.FMOD, a, b)).containsExactly(1, -1, 1, -1, 0, 0);
    assertThat(ints(BinaryFunction.POWER, new int[] {2, -3, 3, 0, -1}, 31, 3, -1, 0, -3))
        .containsExactly(Integer.MIN_VALUE, -27, 0, 1, -1);
    assertThat(ints(BinaryFunction.GCD, new int[] {12, -12, 0}, 18, 18, 0))
        .containsExactly(6, 6, 0);
    assertThat(ints(BinaryFunction.LEFT_SHIFT, new int[] {1, 1, -8}, 3, 99, 1))
        .containsExactly(8, Integer.MIN_VALUE, -16);
    assertThat(ints(BinaryFunction.RIGHT_SHIFT, new int[] {-8, 8}, 1, 2)).containsExactly(-4, 2);
  }

  @Test
  void unsignedIntegersWrapAndCompareByValue() {
    Tensor big = Ops.cast(Tensor.of(new int[] {250}), DType.UINT8);
    Tensor ten = Ops.cast(Tensor.of(new int[] {10}), DType.UINT8);
    assertThat(big.plus(ten).toIntArray()).containsExactly(4);
    assertThat(Ops.greater(big, ten).toIntArray()).containsExactly(1);
    Tensor huge = Ops.cast(Tensor.of(new long[] {-2}), DType.UINT64);
    Tensor two = Ops.cast(Tensor.of(new long[] {2}), DType.UINT64);
    assertThat(Ops.floorDivide(huge, two).toLongArray()).containsExactly(Long.MAX_VALUE);
    assertThat(Ops.maximum(huge, two).toLongArray()).containsExactly(-2);
    assertThat(Ops.cast(huge, DType.FLOAT64).item()).isEqualTo(0x1p64);
    assertThat(Ops.argmax(Ops.concatenate(List.of(two, huge), 0), 0, false).item()).isEqualTo(1);
  }

  @Test
  void floatsAsNumPy() {
    Tensor a = Tensor.of(new float[] {2.5f, 3.5f, -2.5f, -0.5f});
    assertThat(Ops.unary(UnaryFunction.ROUND, a).toFloatArray()).containsExactly(2, 4, -2, -0f);
    assertThat(Ops.mod(a, -2).toFloatArray()).containsExactly(-1.5f, -0.5f, -0.5f, -0.5f);
    float nan = Float.NaN;
    Tensor b = Tensor.of(new float[] {1, nan, 3});
    assertThat(Ops.maximum(b, 2).toFloatArray()).containsExactly(2, nan, 3);
    assertThat(Ops.max(b, null, false).toFloatArray()).containsExactly(nan);
    assertThat(Ops.argmax(b, 0, false).item()).isEqualTo(1);
    assertThat(Ops.power(Tensor.of(new float[] {1}), nan).item()).isEqualTo(1);
    assertThat(Ops.argmax(Tensor.of(new float[] {1, 3, 3}), 0, false).item()).isEqualTo(1);
  }

  @Test
  void sortsStably() {
    Tensor x = Tensor.of(new float[] {2, Float.NaN, -0f, 0f, -1, 2});
    List<Tensor> up = Ops.apply(new Indexing.Sort(false), List.of(x));
    assertThat(up.get(0).toFloatArray()).containsExactly(-1, -0f, 0f, 2, 2, Float.NaN);
    assertThat(up.get(1).toIntArray()).containsExactly(4, 2, 3, 0, 5, 1);
    List<Tensor> down = Ops.apply(new Indexing.Sort(true), List.of(x));
    assertThat(down.get(1).toIntArray()).containsExactly(1, 0, 5, 2, 3, 4);
  }

  @ParameterizedTest
  @EnumSource(Reduction.Fold.class)
  void reductionsOfAllDTypes(Reduction.Fold f) {
    for (DType d : numbers().toList()) {
      for (int[] axes : new int[][] {{0}, {1}, {2}, {0, 2}, {1, 2}, {0, 1, 2}}) {
        if ((f == Reduction.Fold.ANY || f == Reduction.Fold.ALL) != d.isBool()) {
          continue;
        }
        Tensor x = random(d, 5, 3, 4, 2);
        Tensor y = Ops.apply1(new Reduction.Reduce(f, io.weft.tensor.Rules.list(axes)), x);
        Tensor want = null; // one slice after the other
        Tensor t = x;
        for (int i = axes.length - 1; i >= 0; i--) {
          want = null;
          for (Tensor s : Ops.split(t, t.dim(axes[i]), axes[i])) {
            Tensor p = Ops.squeeze(s, axes[i]);
            want = want == null ? p : combine(f, want, p);
          }
          t = want;
        }
        double[] a = y.toDoubleArray();
        double[] b = want.toDoubleArray();
        double near = d == DType.BFLOAT16 ? 0.1 : d.isHalf() ? 0.02 : 1e-4;
        for (int i = 0; i < a.length; i++) {
          if (d.isFloating() && b[i] == b[i]) {
            double slack = near * Math.max(100, Math.abs(b[i]));
            boolean over = f == Reduction.Fold.PROD && Math.abs(b[i]) > 6e4;
            assertThat(over || Math.abs(a[i] - b[i]) <= slack).as("%s %s", d, y).isTrue();
          } else {
            assertThat(a[i]).as("%s", d).isEqualTo(Double.valueOf(b[i]));
          }
        }
      }
    }
  }

  private static Tensor combine(Reduction.Fold f, Tensor a, Tensor b) {
    switch (f) {
      case SUM:
        return a.plus(b);
      case PROD:
        return a.times(b);
      case MAX:
        return Ops.maximum(a, b);
      case MIN:
        return Ops.minimum(a, b);
      case ANY:
        return Ops.logicalOr(a, b);
      default:
        return Ops.logicalAnd(a, b);
    }
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void movesEveryDType(DType d) {
    Tensor x = random(d, 3, 2, 3, 4);
    HostArray a = x.toHostArray();
    HostArray t = Ops.transpose(x, 2, 0, 1).toHostArray();
    Op back = new Movement.Slice(List.of(1, 2, 3), List.of(2, 1, 2), List.of(-1, 1, -2));
    HostArray s = Ops.apply1(back, x).toHostArray();
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 4; k++) {
          assertThat(t.doubleAt((k * 2 + i) * 3 + j))
              .isEqualTo(Double.valueOf(a.doubleAt((i * 3 + j) * 4 + k)));
        }
      }
      for (int k = 0; k < 2; k++) {
        assertThat(s.doubleAt(i * 2 + k))
            .isEqualTo(Double.valueOf(a.doubleAt(((1 - i) * 3 + 2) * 4 + 3 - 2 * k)));
      }
    }
    HostArray p = Ops.pad(x, new int[][] {{0, 0}, {1, 0}, {0, 2}}, 1).toHostArray();
    assertThat(p.shape()).isEqualTo(Shape.of(2, 4, 6));
    assertThat(p.doubleAt(0)).isEqualTo(1);
    assertThat(p.doubleAt(6)).isEqualTo(Double.valueOf(a.doubleAt(0)));
    assertThat(p.doubleAt(10)).isEqualTo(1);
    assertThat(Ops.tile(x, 0, 1, 1).shape()).isEqualTo(Shape.of(0, 3, 4));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void productsOfAllDTypes(DType d) {
    if (d.isBool()) {
      return;
    }
    Tensor a = Ops.cast(Ops.mod(random(DType.INT32, 1, 2, 3, 4), 5), d);
    Tensor b = Ops.cast(Ops.mod(random(DType.INT32, 2, 5, 4), 5), d);
    HostArray y = Ops.apply1(new Linalg.MatMul(false, true), a, b).toHostArray();
    HostArray x = a.toHostArray();
    HostArray w = b.toHostArray();
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 5; j++) {
        double sum = 0;
        for (int k = 0; k < 4; k++) {
          sum += x.doubleAt(i * 4 + k) * w.doubleAt(j * 4 + k);
        }
        assertThat(y.doubleAt(i * 5 + j)).isEqualTo(sum);
      }
    }
    assertThat(Ops.matmul(Ops.zeros(Shape.of(2, 0), d), Ops.zeros(Shape.of(0, 3), d)).toIntArray())
        .containsOnly(0)
        .hasSize(6);
  }
}
