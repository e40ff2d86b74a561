package io.weft.testing;

import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.Assertions;

/** Repeatable random tensors, and comparisons that say where two tensors differ. */
final class Numbers {
  private Numbers() {}

  /** Float64 numbers between 0.1 and 1 with either sign: away from the kink of relu and abs. */
  static Tensor random(Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble(0.1, 1) * (random.nextBoolean() ? 1 : -1);
    }
    return Tensor.ofTrusted(new HostArray(DType.FLOAT64, shape, values));
  }

  /** Moves trainable weights away from their start, where zeros and ones would hide mistakes. */
  static void disturb(List<Variable> weights) {
    for (int i = 0; i < weights.size(); i++) {
      Variable v = weights.get(i);
      if (v.trainable() && v.dtype().isFloating()) {
        Tensor shift = random(v.shape(), 1000 + i).times(0.3);
        v.assign(v.concrete().cast(DType.FLOAT64).plus(shift).cast(v.dtype()));
      }
    }
  }

  static void assertSame(String what, List<Tensor> expected, List<Tensor> received) {
    assertSpecs(what, expected, received);
    for (int i = 0; i < expected.size(); i++) {
      assertClose(what + ", tensor " + i, expected.get(i), received.get(i), 0);
    }
  }

  private static void assertSpecs(String what, List<Tensor> expected, List<Tensor> received) {
    Assertions.assertThat(received.stream().map(Tensor::spec).toList())
        .as(what)
        .isEqualTo(expected.stream().map(Tensor::spec).toList());
  }

  /** Compares with {@code |a - b| <= tolerance · max(1, |a|)}; zero asks for the same bits. */
  static void assertClose(String what, Tensor expected, Tensor received, double tolerance) {
    Assertions.assertThat(received.shape()).as(what + ": shape").isEqualTo(expected.shape());
    double[] a = expected.toDoubleArray();
    double[] b = received.toDoubleArray();
    for (int i = 0; i < a.length; i++) {
      boolean same = Double.doubleToLongBits(a[i]) == Double.doubleToLongBits(b[i]);
      if (!same && !(Math.abs(a[i] - b[i]) <= tolerance * Math.max(1, Math.abs(a[i])))
          || !same && tolerance == 0) {
        throw new AssertionError(
            what
                + " at "
                + position(expected.shape(), i)
                + ": expected "
                + a[i]
                + (tolerance == 0 ? "" : " within " + tolerance)
                + ". Received: "
                + b[i]);
      }
    }
  }

  /** The largest {@code |a - b| / max(1, |a|)}; not a number if one of them is not. */
  static double distance(Tensor expected, Tensor received) {
    double[] a = expected.toDoubleArray();
    double[] b = received.toDoubleArray();
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(a[i])));
    }
    return largest;
  }

  /** The indices of a row-major position, such as {@code [1, 2]}. */
  static String position(Shape shape, int flat) {
    int[] index = new int[shape.rank()];
    int rest = flat;
    for (int i = index.length - 1; i >= 0; i--) {
      index[i] = rest % shape.dim(i);
      rest /= shape.dim(i);
    }
    return Arrays.toString(index);
  }

  static List<Tensor> cast(List<Tensor> tensors, DType to) {
    List<Tensor> all = new ArrayList<>();
    for (Tensor t : tensors) {
      all.add(t.dtype().isFloating() ? t.cast(to) : t);
    }
    return all;
  }
}
