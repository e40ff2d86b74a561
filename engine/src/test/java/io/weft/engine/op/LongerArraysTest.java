package io.weft.engine.op;

import static io.weft.tensor.Shape.of;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.fused.Product;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Convolution;
import io.weft.tensor.DType;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Linalg;
import io.weft.tensor.Op;
import io.weft.tensor.Pooling;
import io.weft.tensor.Reduction;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.UnaryFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Kernels that count by specs give the same numbers in arrays that are longer than their values,
 * read nothing of what lies behind these, and write nothing there.
 */
class LongerArraysTest {
  private static final int MORE = 37;
  private static final double NO_BOUND = Double.POSITIVE_INFINITY;

  private static void check(Op op, Shape... shapes) {
    List<TensorSpec> in = Stream.of(shapes).map(s -> new TensorSpec(s, DType.FLOAT32)).toList();
    List<TensorSpec> out = op.infer(in);
    Kernel kernel = Kernels.standard().make(op, in, out);
    assertThat(kernel.countsBySpecs()).as("%s counts by specs", op).isTrue();
    Random random = new Random(1);
    Object[] exact = new Object[in.size()];
    Object[] longer = new Object[in.size()];
    for (int i = 0; i < exact.length; i++) {
      float[] x = new float[in.get(i).shape().intSize()];
      for (int k = 0; k < x.length; k++) {
        x[k] = random.nextFloat() - 0.5f;
      }
      exact[i] = x;
      longer[i] = longer(x);
    }
    float[] want = new float[out.get(0).shape().intSize()];
    float[] got = longer(want);
    kernel.run(exact, new Object[] {want});
    kernel.run(longer, new Object[] {got});
    assertThat(got).as("%s", op).isEqualTo(longer(want));
  }

  private static float[] longer(float[] x) {
    float[] r = Arrays.copyOf(x, x.length + MORE);
    Arrays.fill(r, x.length, r.length, Float.NaN);
    return r;
  }

  private static List<Integer> ints(int... v) {
    return IntStream.of(v).boxed().toList();
  }

  private static Convolution.Geometry geometry(int stride, int groups) {
    return new Convolution.Geometry(ints(stride, 1), ints(1, 1), ints(1, 0), ints(1, 1), groups);
  }

  @Test
  void convolutionsAndWhatFollowsThem() {
    for (UnaryFunction f : new UnaryFunction[] {null, UnaryFunction.RELU, UnaryFunction.SILU}) {
      for (int c : new int[] {5, 33, 150}) {
        for (int stride : new int[] {1, 2}) {
          Shape x = of(2, 9, 8, c);
          check(
              new Product(new Convolution.Conv(geometry(stride, 1)), true, true, f, 0.3),
              x,
              of(3, 3, c, 20),
              of(20),
              of(20),
              of(20));
          check(
              new Product(new Convolution.Conv(geometry(stride, c)), false, true, f, NO_BOUND),
              x,
              of(3, 3, 1, c),
              of(c),
              of(c));
          check(new Convolution.Conv(geometry(stride, c)), x, of(3, 3, 1, c));
        }
        check(new Convolution.Conv(geometry(1, 1)), of(1, 4, 5, c), of(1, 1, c, 7));
      }
    }
  }

  @Test
  void productsAndWhatFollowsThem() {
    for (int m : new int[] {1, 3, 50}) {
      for (int n : new int[] {3, 40, 200}) {
        Op product = new Linalg.MatMul(false, false);
        check(product, of(m, 30), of(30, n));
        check(new Linalg.MatMul(true, true), of(30, m), of(n, 30));
        check(product, of(3, m, 30), of(3, 30, n));
        check(
            new Product(product, true, true, UnaryFunction.TANH, NO_BOUND),
            of(m, 30),
            of(30, n),
            of(n),
            of(n),
            of(n));
      }
    }
  }

  @Test
  void loopsSumsAndPools() {
    for (int c : new int[] {3, 64, 700}) {
      Shape x = of(2, 6, 5, c);
      Op add = new Elementwise.Binary(BinaryFunction.ADD);
      check(add, x, x);
      check(add, x, of(c));
      check(add, x, of(2, 1, 1, c));
      check(add, x, of(6, 5, 1));
      check(new Elementwise.Unary(UnaryFunction.EXP), x);
      for (Reduction.Fold fold : new Reduction.Fold[] {Reduction.Fold.SUM, Reduction.Fold.MAX}) {
        check(new Reduction.Reduce(fold, ints(1, 2)), x);
        check(new Reduction.Reduce(fold, ints(3)), x);
        check(new Reduction.Reduce(fold, ints(0, 1, 2)), x);
      }
      for (boolean max : new boolean[] {true, false}) {
        int[] spatial = {6, 5};
        int[] two = {2, 2};
        check(new Pooling.Pool(max, Pooling.Windows.of("same", spatial, two, two)), x);
        check(new Pooling.Pool(max, Pooling.Windows.of("valid", spatial, spatial, two)), x);
      }
    }
  }
}
