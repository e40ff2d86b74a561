package io.weft.tensor;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import java.util.Arrays;
import java.util.List;

/**
 * Convolutions over any number of spatial axes, channels last: x (batch, spatial..., channels),
 * kernel (spatial..., channels / groups, filters) → (batch, spatial..., filters). The two gradients
 * are ops of the same kind, and the derivatives of all three are again these three.
 */
public final class Convolution {
  private Convolution() {}

  /**
   * How windows move. Output position o and tap t read the input at {@code o·stride + t·dilation −
   * low}; there are ⌊(size + low + high − extent) / stride⌋ + 1 output positions.
   */
  public record Geometry(
      List<Integer> strides,
      List<Integer> low,
      List<Integer> high,
      List<Integer> dilation,
      int groups) {

    /**
     * Geometry of Keras' padding words {@code valid}, {@code same} and {@code causal} (one axis).
     *
     * @param spatial sizes of the input's spatial axes, known
     */
    public static Geometry of(
        String padding, int[] spatial, int[] kernel, int[] strides, int[] dilation, int groups) {
      int[][] p = padding(padding, spatial, kernel, strides, dilation);
      return new Geometry(
          Rules.list(strides), Rules.list(p[0]), Rules.list(p[1]), Rules.list(dilation), groups);
    }

    /** Sizes of the output's spatial axes. */
    public int[] output(int[] spatial, int[] kernel) {
      int[] out = new int[spatial.length];
      for (int i = 0; i < out.length; i++) {
        out[i] =
            windows(
                spatial[i], kernel[i], strides.get(i), dilation.get(i), low.get(i), high.get(i));
      }
      return out;
    }
  }

  /** Elements before and after each spatial axis for a padding word: {low, high}. */
  public static int[][] padding(
      String word, int[] spatial, int[] kernel, int[] strides, int[] dilation) {
    int n = spatial.length;
    int[][] p = new int[2][n];
    for (int i = 0; i < n; i++) {
      int extent = (kernel[i] - 1) * dilation[i] + 1;
      switch (word) {
        case "valid":
          break;
        case "same":
          int out = (spatial[i] + strides[i] - 1) / strides[i];
          int total = Math.max(0, (out - 1) * strides[i] + extent - spatial[i]);
          p[0][i] = total / 2;
          p[1][i] = total - p[0][i];
          break;
        case "causal":
          p[0][i] = extent - 1;
          break;
        default:
          throw new ConfigException(
              "padding: expected one of 'valid', 'same', 'causal'. Received: '" + word + "'");
      }
    }
    return p;
  }

  static int windows(int size, int kernel, int stride, int dilation, int low, int high) {
    int room = size + low + high - ((kernel - 1) * dilation + 1);
    return room < 0 ? 0 : room / stride + 1;
  }

  private static int[] spatial(Shape s) {
    return s.slice(1, s.rank() - 1).dims();
  }

  /** Checks ranks and channels; gives the sizes of the output's spatial axes. */
  private static int[] check(Op op, Geometry g, Shape x, Shape kernel, List<TensorSpec> in) {
    int n = g.strides.size();
    if (!Rules.sameDType(op, in).isFloating() || x.rank() != n + 2 || kernel.rank() != n + 2) {
      throw Rules.refused(op, "floats of rank " + (n + 2), in);
    }
    if (g.groups <= 0
        || x.dim(-1) != kernel.dim(-2) * g.groups
        || kernel.dim(-1) % g.groups != 0
        || g.low.size() != n
        || g.high.size() != n
        || g.dilation.size() != n) {
      String expected =
          "channels that are groups=" + g.groups + " times those of kernel " + kernel + ", in " + x;
      throw Rules.refused(op, expected, in);
    }
    for (int i = 0; i < n; i++) {
      if (g.strides.get(i) <= 0 || g.dilation.get(i) <= 0 || kernel.dim(i) <= 0) {
        throw Rules.refused(op, "positive strides, dilations and kernel sizes, not " + g, in);
      }
    }
    return g.output(spatial(x), kernel.slice(0, n).dims());
  }

  private static Shape outputShape(Op op, Geometry g, Shape x, Shape kernel, List<TensorSpec> in) {
    int[] out = check(op, g, x, kernel, in);
    boolean empty = false;
    for (int size : out) {
      empty |= size <= 0;
    }
    if (empty && x.size() > 0) {
      throw new ShapeException(
          op.name()
              + ": expected a kernel no larger than the padded input. Received: input "
              + x
              + ", kernel "
              + kernel
              + ", "
              + g);
    }
    return Shape.of(x.dim(0)).plus(out).plus(kernel.dim(-1));
  }

  /** y = conv(x, kernel); inputs x, kernel. */
  public record Conv(Geometry geometry) implements Op {
    @Override
    public String name() {
      return "conv";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape s = outputShape(this, geometry, in.get(0).shape(), in.get(1).shape(), in);
      return Rules.one(s, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor d = v.dout(0);
      return Arrays.asList(
          v.needs(0) ? inputGradient(geometry, v.in(0).shape(), d, v.in(1)) : null,
          v.needs(1) ? filterGradient(geometry, v.in(1).shape(), v.in(0), d) : null);
    }
  }

  /**
   * dx of {@link Conv} for an input of shape {@code full}; inputs dy, kernel. By itself the
   * transposed convolution.
   */
  public record ConvInputGradient(Geometry geometry, Shape full) implements Op {
    @Override
    public String name() {
      return "conv_input_gradient";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape want = outputShape(this, geometry, full, in.get(1).shape(), in);
      Rules.require(
          in.get(0).shape().equals(want), this, "dy " + want + " for an input " + full, in);
      return Rules.one(full, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor u = v.dout(0);
      return Arrays.asList(
          v.needs(0) ? conv(geometry, u, v.in(1)) : null,
          v.needs(1) ? filterGradient(geometry, v.in(1).shape(), u, v.in(0)) : null);
    }
  }

  /** d kernel of {@link Conv} for a kernel of shape {@code kernel}; inputs x, dy. */
  public record ConvFilterGradient(Geometry geometry, Shape kernel) implements Op {
    @Override
    public String name() {
      return "conv_filter_gradient";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape want = outputShape(this, geometry, in.get(0).shape(), kernel, in);
      Rules.require(
          in.get(1).shape().equals(want), this, "dy " + want + " for a kernel " + kernel, in);
      return Rules.one(kernel, in.get(0).dtype());
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor u = v.dout(0);
      return Arrays.asList(
          v.needs(0) ? inputGradient(geometry, v.in(0).shape(), v.in(1), u) : null,
          v.needs(1) ? conv(geometry, v.in(0), u) : null);
    }
  }

  /** {@link Conv}. */
  public static Tensor conv(Geometry g, Tensor x, Tensor kernel) {
    return Ops.apply1(new Conv(g), x, kernel);
  }

  /** {@link ConvInputGradient}. */
  public static Tensor inputGradient(Geometry g, Shape full, Tensor dy, Tensor kernel) {
    return Ops.apply1(new ConvInputGradient(g, full), dy, kernel);
  }

  /** {@link ConvFilterGradient}. */
  public static Tensor filterGradient(Geometry g, Shape kernel, Tensor x, Tensor dy) {
    return Ops.apply1(new ConvFilterGradient(g, kernel), x, dy);
  }
}
