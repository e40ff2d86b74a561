package io.weft.tensor;

import java.util.Arrays;
import java.util.List;

/**
 * Maximum and average over moving windows, channels last: (batch, spatial..., channels). Padding
 * belongs to no window: it is never the maximum and does not count in the average.
 */
public final class Pooling {
  private Pooling() {}

  /** Window sizes, steps, and elements of padding before and after each spatial axis. */
  public record Windows(
      List<Integer> size, List<Integer> strides, List<Integer> low, List<Integer> high) {

    /** Windows of Keras' padding words {@code valid} and {@code same}. */
    public static Windows of(String padding, int[] spatial, int[] size, int[] strides) {
      int[] ones = new int[size.length];
      Arrays.fill(ones, 1);
      int[][] p = Convolution.padding(padding, spatial, size, strides, ones);
      return new Windows(Rules.list(size), Rules.list(strides), Rules.list(p[0]), Rules.list(p[1]));
    }

    /** Shape of the result for an input. */
    public Shape output(Shape x) {
      int[] d = x.dims();
      for (int i = 0; i < size.size(); i++) {
        d[i + 1] =
            Convolution.windows(d[i + 1], size.get(i), strides.get(i), 1, low.get(i), high.get(i));
      }
      return Shape.of(d);
    }

    private Shape check(Op op, Shape x, List<TensorSpec> in) {
      int n = size.size();
      boolean ok =
          Rules.sameDType(op, in).isFloating()
              && x.rank() == n + 2
              && strides.size() == n
              && low.size() == n
              && high.size() == n;
      for (int i = 0; ok && i < n; i++) {
        // a window must not lie in the padding alone
        ok =
            size.get(i) > 0
                && strides.get(i) > 0
                && low.get(i) < size.get(i)
                && high.get(i) < size.get(i);
      }
      if (!ok) {
        String expected = "floats of rank " + (n + 2) + " and windows inside, not " + this;
        throw Rules.refused(op, expected, in);
      }
      Shape y = output(x);
      if (x.size() != 0 && y.size() == 0) {
        throw Rules.refused(op, "windows no larger than the input, not " + this, in);
      }
      return y;
    }
  }

  /** y = maximum or average of each window of x. */
  public record Pool(boolean max, Windows windows) implements Op {
    @Override
    public String name() {
      return max ? "max_pool" : "average_pool";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return Rules.one(windows.check(this, in.get(0).shape(), in), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor d = v.dout(0);
      return v.only(
          max
              ? Ops.apply1(new MaxPoolGradient(windows), v.in(0), d)
              : Ops.apply1(new AveragePoolGradient(windows, v.in(0).shape()), d));
    }
  }

  /** dx of an average pooling of an input of shape {@code full}; input dy. */
  public record AveragePoolGradient(Windows windows, Shape full) implements Op {
    @Override
    public String name() {
      return "average_pool_gradient";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape want = windows.check(this, full, in);
      Rules.require(in.get(0).shape().equals(want), this, "dy " + want, in);
      return Rules.one(full, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(Ops.apply1(new Pool(false, windows), v.dout(0)));
    }
  }

  /** dx of a maximum pooling: all of dy goes to the first maximum of a window; inputs x, dy. */
  public record MaxPoolGradient(Windows windows) implements Op {
    @Override
    public String name() {
      return "max_pool_gradient";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape want = windows.check(this, in.get(0).shape(), in);
      Rules.require(in.get(1).shape().equals(want), this, "dy " + want, in);
      return in.subList(0, 1);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return Arrays.asList(null, Ops.apply1(new MaxPoolPick(windows), v.in(0), v.dout(0)));
    }
  }

  /** The element of u where x has the first maximum of the window; inputs x, u of one shape. */
  public record MaxPoolPick(Windows windows) implements Op {
    @Override
    public String name() {
      return "max_pool_pick";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Rules.require(in.get(0).equals(in.get(1)), this, "two inputs of one shape", in);
      return Rules.one(windows.check(this, in.get(0).shape(), in), in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return Arrays.asList(null, Ops.apply1(new MaxPoolGradient(windows), v.in(0), v.dout(0)));
    }
  }
}
