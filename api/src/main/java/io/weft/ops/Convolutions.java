package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Convolution;
import io.weft.tensor.Convolution.Geometry;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Pooling;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Convolutions and pooling over one to three spatial axes (keras-layers.md 2.2 to 2.4), channels
 * last: (batch, spatial..., channels). Strides, dilations and window sizes are one number or one
 * for each spatial axis; padding is {@code valid}, {@code same} or {@code causal}.
 */
public final class Convolutions {
  private Convolutions() {}

  /** One number repeated, or as many positive numbers as there are spatial axes. */
  static int[] perAxis(String name, int[] values, int spatial) {
    int[] v = values;
    if (v.length == 1 && spatial > 1) {
      v = new int[spatial];
      Arrays.fill(v, values[0]);
    }
    boolean positive = true;
    for (int n : v) {
      positive &= n > 0;
    }
    if (v.length != spatial || !positive) {
      throw new ConfigException(
          name
              + " must be a positive integer or "
              + spatial
              + " of them. Received: "
              + name
              + "="
              + Arrays.toString(values));
    }
    return v;
  }

  private static int spatial(String function, Tensor x, int most) {
    int n = x.rank() - 2;
    if (n < 1 || n > most) {
      throw new ShapeException(
          function
              + ": expected inputs with 1 to "
              + most
              + " spatial axes between batch and channels. Received: "
              + x.shape());
    }
    return n;
  }

  private static int[] sizes(Tensor x, int n) {
    return x.shape().slice(1, n + 1).dims();
  }

  private static void require(boolean ok, String function, Tensor x, Tensor kernel) {
    if (!ok) {
      throw new ShapeException(
          function
              + ": expected a kernel (spatial..., channels, filters) that fits the channels of the"
              + " inputs. Received: inputs "
              + x.shape()
              + ", kernel "
              + kernel.shape());
    }
  }

  /** Kernel (k…, channels / groups, filters): blocks of channels and filters belong together. */
  public static Tensor conv(
      Tensor x, Tensor kernel, int[] strides, String padding, int[] dilation) {
    int n = spatial("conv", x, 3);
    int in = x.dim(-1);
    require(
        kernel.rank() == n + 2 && kernel.dim(-2) > 0 && in % kernel.dim(-2) == 0,
        "conv",
        x,
        kernel);
    return grouped(x, kernel, strides, padding, dilation, in / kernel.dim(-2));
  }

  private static Tensor grouped(
      Tensor x, Tensor kernel, int[] strides, String padding, int[] dilation, int groups) {
    int n = x.rank() - 2;
    List<Tensor> p = Ops.promoted(List.of(x, kernel));
    DType d = p.get(0).dtype();
    DType computed = d.isFloating() ? d : DType.FLOAT64;
    Geometry g =
        Geometry.of(
            padding.toLowerCase(Locale.ROOT),
            sizes(x, n),
            kernel.shape().slice(0, n).dims(),
            perAxis("strides", strides, n),
            perAxis("dilation_rate", dilation, n),
            groups);
    return Ops.cast(
        Convolution.conv(g, Ops.cast(p.get(0), computed), Ops.cast(p.get(1), computed)), d);
  }

  /** Kernel (k…, channels, multiplier): output channel c·multiplier + m sees channel c alone. */
  public static Tensor depthwiseConv(
      Tensor x, Tensor kernel, int[] strides, String padding, int[] dilation) {
    int n = spatial("depthwise_conv", x, 3);
    int in = x.dim(-1);
    require(kernel.rank() == n + 2 && kernel.dim(-2) == in, "depthwise_conv", x, kernel);
    Shape k = kernel.shape().slice(0, n).plus(1, in * kernel.dim(-1));
    return grouped(x, Ops.reshape(kernel, k.dims()), strides, padding, dilation, in);
  }

  /** {@link #depthwiseConv}, then a convolution with a pointwise kernel (1…, channels, filters). */
  public static Tensor separableConv(
      Tensor x, Tensor depthwise, Tensor pointwise, int[] strides, String padding, int[] dilation) {
    int[] one = {1};
    Tensor y = depthwiseConv(x, depthwise, strides, padding, dilation);
    return conv(y, pointwise, one, "valid", one);
  }

  /** The transpose of a convolution (keras-layers.md 2.3); kernel (k…, filters, channels). */
  public static Tensor convTranspose(
      Tensor x, Tensor kernel, int[] strides, String padding, int[] outputPadding, int[] dilation) {
    int n = spatial("conv_transpose", x, 3);
    require(kernel.rank() == n + 2 && kernel.dim(-1) == x.dim(-1), "conv_transpose", x, kernel);
    boolean same = padding.toLowerCase(Locale.ROOT).equals("same");
    if (!same && !padding.toLowerCase(Locale.ROOT).equals("valid")) {
      throw new ConfigException(
          "conv_transpose: padding must be 'valid' or 'same'. Received: '" + padding + "'");
    }
    int[] s = perAxis("strides", strides, n);
    int[] d = perAxis("dilation_rate", dilation, n);
    int[] out = new int[n];
    int[] low = new int[n];
    int[] high = new int[n];
    for (int i = 0; i < n; i++) {
      int extent = (kernel.dim(i) - 1) * d[i] + 1;
      int natural = (x.dim(i + 1) - 1) * s[i] + extent;
      Integer extra =
          outputPadding == null ? null : (Integer) outputPadding[outputPadding.length == 1 ? 0 : i];
      if (same) {
        out[i] =
            extra == null ? x.dim(i + 1) * s[i] : (x.dim(i + 1) - 1) * s[i] + extent % 2 + extra;
      } else {
        out[i] = natural + (extra == null ? Math.max(extent, s[i]) - extent : extra);
      }
      int cut = natural - out[i];
      low[i] = Math.max(0, Math.floorDiv(cut, 2));
      high[i] = cut - low[i];
    }
    List<Tensor> p = Ops.promoted(List.of(Ops.toFloat(x), kernel));
    Geometry g = new Geometry(Rules.list(s), Rules.list(low), Rules.list(high), Rules.list(d), 1);
    Shape full = Shape.of(x.dim(0)).plus(out).plus(kernel.dim(-2));
    return Convolution.inputGradient(g, full, p.get(0), p.get(1));
  }

  /** Maximum, or average of what is not padding, of moving windows. */
  public static Tensor pool(boolean max, Tensor x, int[] size, int[] strides, String padding) {
    int n = spatial(max ? "max_pool" : "average_pool", x, 3);
    int[] k = perAxis("pool_size", size, n);
    Pooling.Windows w =
        Pooling.Windows.of(
            padding.toLowerCase(Locale.ROOT),
            sizes(x, n),
            k,
            strides == null ? k : perAxis("strides", strides, n));
    Tensor f = x.dtype().isFloating() ? x : Ops.cast(x, DType.FLOAT64);
    return Ops.cast(Ops.apply1(new Pooling.Pool(max, w), f), x.dtype());
  }

  /**
   * Maximum or average over windows that split each spatial axis into a given number: output i of m
   * covers ⌊i·n/m⌋ up to ⌈(i + 1)·n/m⌉. One axis after the other.
   */
  public static Tensor adaptivePool(boolean max, Tensor x, int[] outputSize) {
    int n = spatial(max ? "adaptive_max_pool" : "adaptive_average_pool", x, 3);
    int[] m = perAxis("output_size", outputSize, n);
    Tensor y = x;
    for (int i = 0; i < n; i++) {
      y = adaptive(max, y, n, i, m[i]);
    }
    return y;
  }

  private static Tensor adaptive(boolean max, Tensor x, int n, int axis, int m) {
    int size = x.dim(axis + 1);
    int small = -Math.floorDiv(-size, m);
    int[] at = new int[m];
    boolean big = false;
    for (int i = 0; i < m; i++) {
      long start = (long) i * size / m;
      long end = -Math.floorDiv(-(i + 1L) * size, (long) m);
      boolean longer = end - start > small;
      at[i] = (int) start + (longer ? size - small + 1 : 0);
      big |= longer;
    }
    Tensor y = strip(max, x, n, axis, small);
    if (big) {
      y = Ops.concatenate(List.of(y, strip(max, x, n, axis, small + 1)), axis + 1);
    }
    return Ops.take(y, Tensor.of(at), axis + 1);
  }

  /** Windows along one axis, one step apart. */
  private static Tensor strip(boolean max, Tensor x, int n, int axis, int size) {
    int[] k = new int[n];
    Arrays.fill(k, 1);
    int[] one = k.clone();
    k[axis] = size;
    return pool(max, x, k, one, "valid");
  }
}
