package io.weft.engine.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.autodiff.GradientTape;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Compares derivatives with central differences in float64. */
final class Gradcheck {
  private Gradcheck() {}

  /** Numbers in [low, high) of a fixed seed. */
  static Tensor random(long seed, double low, double high, int... shape) {
    SplittableRandom r = new SplittableRandom(seed);
    double[] x = new double[Shape.of(shape).intSize()];
    for (int i = 0; i < x.length; i++) {
      x[i] = low + (high - low) * r.nextDouble();
    }
    return Tensor.of(x, shape.length == 0 ? new int[] {1} : shape).reshape(shape);
  }

  /** Checks every float64 input of a function with one output. */
  static void check(Function<List<Tensor>, Tensor> f, Tensor... inputs) {
    checkAll(x -> List.of(f.apply(x)), inputs);
  }

  /** As {@link #check}; all outputs are weighted with random numbers and summed. */
  static void checkAll(Function<List<Tensor>, List<Tensor>> f, Tensor... inputs) {
    List<Tensor> xs = List.of(inputs);
    Function<List<Tensor>, Tensor> loss =
        x -> {
          Tensor sum = Tensor.scalar(0.0);
          int seed = 99;
          for (Tensor y : f.apply(x)) {
            if (y.dtype().isFloating()) {
              Tensor w = random(seed++, 0.5, 1.5, y.shape().dims());
              sum = sum.plus(Ops.sum(y.times(w)));
            }
          }
          return sum;
        };
    List<Tensor> grads;
    try (GradientTape tape = GradientTape.open()) {
      grads = tape.gradients(List.of(loss.apply(xs)), null, xs);
    }
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].dtype().isFloating() && grads.get(i) != null) {
        compare(loss, xs, i, grads.get(i).toDoubleArray());
      }
    }
  }

  private static void compare(
      Function<List<Tensor>, Tensor> loss, List<Tensor> xs, int input, double[] got) {
    double[] x = xs.get(input).toDoubleArray();
    for (int j = 0; j < x.length; j++) {
      double h = 1e-5 * Math.max(1, Math.abs(x[j]));
      double up = at(loss, xs, input, x, j, h);
      double down = at(loss, xs, input, x, j, -h);
      double want = (up - down) / (2 * h);
      assertThat(got[j])
          .as("input %d element %d of %s", input, j, xs.get(input).shape())
          .isCloseTo(want, org.assertj.core.data.Offset.offset(2e-6 * Math.max(1, Math.abs(want))));
    }
  }

  private static double at(
      Function<List<Tensor>, Tensor> loss,
      List<Tensor> xs,
      int input,
      double[] x,
      int j,
      double h) {
    double[] moved = x.clone();
    moved[j] += h;
    List<Tensor> in = new ArrayList<>(xs);
    int[] shape = xs.get(input).shape().dims();
    in.set(input, Tensor.of(moved, x.length).reshape(shape));
    return loss.apply(in).item();
  }
}
