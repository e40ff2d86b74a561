package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.Convolution;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/** Windows of images laid out side by side, and put together again. */
final class Patches {
  private Patches() {}

  /** Positions (windows, size) that windows along an axis read. */
  private static Tensor positions(int windows, int size, int stride, int dilation) {
    Tensor start = Ops.expandDims(Ops.multiply(Ops.arange(windows), stride), 1);
    return Ops.add(start, Ops.multiply(Ops.arange(size), dilation));
  }

  private static int count(int n, int size, int stride, int dilation) {
    int extent = (size - 1) * dilation + 1;
    if (n < extent) {
      throw new ShapeException(
          "patches: expected windows no larger than the padded image. Received: window "
              + extent
              + ", image "
              + n);
    }
    return (n - extent) / stride + 1;
  }

  /**
   * (batch, spatial..., channels) → (batch, windows..., size... · channels): each window's elements
   * with the channels innermost.
   */
  static Tensor extract(Tensor x, int[] size, int[] strides, String padding, int[] dilation) {
    int n = size.length;
    int[] spatial = x.shape().slice(1, n + 1).dims();
    int[][] p = Convolution.padding(padding, spatial, size, strides, dilation);
    int[][] all = new int[n + 2][2];
    for (int i = 0; i < n; i++) {
      all[i + 1] = new int[] {p[0][i], p[1][i]};
    }
    Tensor y = Ops.pad(x, all, 0);
    Shape windows = Shape.of(x.dim(0));
    int flat = x.dim(-1);
    for (int i = 0; i < n; i++) {
      int axis = 1 + 2 * i;
      int w = count(y.dim(axis), size[i], strides[i], dilation[i]);
      y = Ops.take(y, positions(w, size[i], strides[i], dilation[i]), axis);
      windows = windows.plus(w);
      flat *= size[i];
    }
    int[] perm = new int[2 * n + 2];
    for (int i = 0; i < n; i++) {
      perm[1 + i] = 1 + 2 * i;
      perm[1 + n + i] = 2 + 2 * i;
    }
    perm[2 * n + 1] = 2 * n + 1;
    return Ops.reshape(Ops.transpose(y, perm), windows.plus(flat).dims());
  }

  /** Heights and widths of windows and how they move. */
  private record Grid(int[] size, int[] stride, int[] padding, int[] dilation) {
    static Grid of(OpArgs a) {
      int[] padding = a.requiredInts("padding");
      padding = padding.length == 1 ? new int[] {padding[0], padding[0]} : padding;
      if (padding.length != 2 || padding[0] < 0 || padding[1] < 0) {
        throw new ConfigException(a.function() + ": padding must not be negative.");
      }
      return new Grid(pair(a, "kernel_size"), pair(a, "stride"), padding, pair(a, "dilation"));
    }

    static int[] pair(OpArgs a, String name) {
      return Convolutions.perAxis(name, a.requiredInts(name), 2);
    }

    Tensor positions(int axis, int windows) {
      return Patches.positions(windows, size[axis], stride[axis], dilation[axis]);
    }

    int windows(int axis, int n) {
      return count(n + 2 * padding[axis], size[axis], stride[axis], dilation[axis]);
    }
  }

  /** Images (n, c, h, w) → (n, c·kh·kw, windows). */
  static Tensor unfold(OpArgs a) {
    Tensor x = a.tensor("x");
    if (x.rank() != 4) {
      throw new ShapeException("unfold: expected images (n, c, h, w). Received: " + x.shape());
    }
    Grid g = Grid.of(a);
    int nh = g.windows(0, x.dim(2));
    int nw = g.windows(1, x.dim(3));
    int[] p = g.padding;
    Tensor y = Ops.pad(x, new int[][] {{0, 0}, {0, 0}, {p[0], p[0]}, {p[1], p[1]}}, 0);
    y = Ops.take(y, g.positions(0, nh), 2);
    y = Ops.take(y, g.positions(1, nw), 4); // n, c, nh, kh, nw, kw
    y = Ops.transpose(y, 0, 1, 3, 5, 2, 4);
    return Ops.reshape(y, x.dim(0), x.dim(1) * g.size[0] * g.size[1], nh * nw);
  }

  /** The sum of all windows at their places: (n, c·kh·kw, windows) → (n, c, h, w). */
  static Tensor fold(OpArgs a) {
    Tensor x = a.tensor("x");
    Grid g = Grid.of(a);
    int[] out = Grid.pair(a, "output_size");
    int nh = g.windows(0, out[0]);
    int nw = g.windows(1, out[1]);
    int k = g.size[0] * g.size[1];
    if (x.rank() != 3 || x.dim(1) % k != 0 || x.dim(2) != nh * nw) {
      throw new ShapeException(
          "fold: expected (n, c·" + k + ", " + nh * nw + "). Received: " + x.shape());
    }
    int c = x.dim(1) / k;
    int h = out[0] + 2 * g.padding[0];
    int w = out[1] + 2 * g.padding[1];
    Tensor y = Ops.reshape(x, x.dim(0), c, g.size[0], g.size[1], nh, nw);
    y = Ops.transpose(y, 0, 1, 4, 2, 5, 3); // n, c, nh, kh, nw, kw
    Shape rows = Shape.of(x.dim(0), c, nh, g.size[0], w);
    y = Ops.apply1(new Indexing.TakeGradient(rows, 4), g.positions(1, nw), y);
    Shape full = Shape.of(x.dim(0), c, h, w);
    y = Ops.apply1(new Indexing.TakeGradient(full, 2), g.positions(0, nh), y);
    int[] start = {0, 0, g.padding[0], g.padding[1]};
    return Ops.slice(y, start, new int[] {x.dim(0), c, out[0], out[1]});
  }

  /** {@code extract_patches} and {@code extract_patches_3d}; images may lack the batch axis. */
  static Tensor extract(OpArgs a, Tensor images, int spatial) {
    int[] size = Convolutions.perAxis("size", a.requiredInts("size"), spatial);
    int[] strides =
        a.isNull("strides") ? size : Convolutions.perAxis("strides", a.ints("strides"), spatial);
    int[] dilation = Convolutions.perAxis("dilation_rate", a.ints("dilation_rate"), spatial);
    String padding = a.string("padding").toLowerCase(Locale.ROOT);
    return ImageBatch.apply(a, images, spatial, x -> extract(x, size, strides, padding, dilation));
  }

  /**
   * {@code reconstruct_patches}: the images that {@link #extract} came from, (batch, windows...,
   * size... · channels) → (batch, spatial..., channels). Windows that overlap are refused.
   */
  static Tensor reconstruct(OpArgs a) {
    int n = a.requiredInts("size").length == 3 ? 3 : 2;
    int[] size = Convolutions.perAxis("size", a.requiredInts("size"), n);
    int[] out = Convolutions.perAxis("output_size", a.requiredInts("output_size"), n);
    int[] strides =
        a.isNull("strides") ? size : Convolutions.perAxis("strides", a.ints("strides"), n);
    for (int i = 0; i < n; i++) {
      if (strides[i] < size[i]) {
        throw new UnsupportedFeatureException(
            "reconstruct_patches: windows that overlap are not supported. Use strides of at least"
                + " the size.");
      }
    }
    int[] ones = new int[n];
    Arrays.fill(ones, 1);
    String padding = a.string("padding").toLowerCase(Locale.ROOT);
    int[][] p = Convolution.padding(padding, out, size, strides, ones);
    return ImageBatch.apply(a, a.tensor("patches"), n, x -> placed(x, size, out, strides, p));
  }

  private static Tensor placed(Tensor x, int[] size, int[] out, int[] strides, int[][] p) {
    int n = size.length;
    int volume = Arrays.stream(size).reduce(1, (s, t) -> s * t);
    if (x.dim(-1) % volume != 0) {
      throw new ShapeException(
          "reconstruct_patches: expected a last axis that "
              + volume
              + " divides. Received: "
              + x.shape());
    }
    int c = x.dim(-1) / volume;
    Tensor y = Ops.reshape(x, x.shape().slice(0, n + 1).plus(size).plus(c).dims());
    int[] perm = new int[2 * n + 2];
    for (int i = 0; i < n; i++) {
      perm[1 + 2 * i] = 1 + i;
      perm[2 + 2 * i] = 1 + n + i;
    }
    perm[2 * n + 1] = 2 * n + 1;
    y = Ops.transpose(y, perm);
    int[] start = new int[n + 2];
    for (int i = n - 1; i >= 0; i--) {
      int axis = 1 + 2 * i;
      Shape before = y.shape().slice(0, axis);
      Shape full =
          before.plus(out[i] + p[0][i] + p[1][i]).plus(y.shape().slice(axis + 2, y.rank()).dims());
      Tensor at = positions(y.dim(axis), size[i], strides[i], 1);
      y = Ops.apply1(new Indexing.TakeGradient(full, axis), at, y);
      start[1 + i] = p[0][i];
    }
    return Ops.slice(y, start, Shape.of(x.dim(0)).plus(out).plus(c).dims());
  }
}
