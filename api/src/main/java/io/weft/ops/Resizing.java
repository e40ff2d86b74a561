package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Segment;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;

/** Images (batch, height, width, channels) in other sizes (keras-layers.md 2.6). */
public final class Resizing {
  private Resizing() {}

  /** What becomes of images whose aspect ratio is another than that of the new size. */
  public enum Aspect {
    STRETCH,
    CROP,
    PAD
  }

  /** Images of size (height, width); integers are rounded to nearest even and kept in range. */
  public static Tensor resize(
      Tensor x,
      int height,
      int width,
      String interpolation,
      boolean antialias,
      Aspect aspect,
      double fill) {
    if (height < 1 || width < 1) {
      throw new ConfigException(
          "resize: size must be two positive integers. Received: size=("
              + height
              + ", "
              + width
              + ")");
    }
    Tensor y = x;
    if (aspect == Aspect.CROP) {
      y = cropped(x, height, width);
    } else if (aspect == Aspect.PAD) {
      y = padded(x, height, width, fill);
    }
    int h = y.dim(1);
    int w = y.dim(2);
    if (h == height && w == width) {
      return y;
    }
    if (interpolation.equals("nearest")) {
      y = Ops.take(y, Tensor.of(ResizeWeights.nearest(h, height)), 1);
      return Ops.take(y, Tensor.of(ResizeWeights.nearest(w, width)), 2);
    }
    Tensor f = Ops.cast(y, DType.FLOAT32);
    if (interpolation.equals("bilinear") && !antialias) {
      f = between(between(f, 2, width), 1, height);
      return saturated(f, x.dtype());
    }
    Tensor rows = ResizeWeights.of(interpolation, antialias, h, height);
    Tensor columns = ResizeWeights.of(interpolation, antialias, w, width);
    if (interpolation.equals("area")) {
      f = rows(rows, columns(columns, f)).divide(h / (float) height * (w / (float) width));
    } else {
      f = columns(columns, rows(rows, f));
    }
    return saturated(f, x.dtype());
  }

  /** Linear interpolation along one axis, with TensorFlow's rounding. */
  private static Tensor between(Tensor x, int axis, int to) {
    ResizeWeights.Linear l = ResizeWeights.Linear.of(x.dim(axis), to);
    Tensor low = Ops.take(x, Tensor.of(l.low()), axis);
    Tensor high = Ops.take(x, Tensor.of(l.high()), axis);
    int[] spread = {1, 1, 1, 1};
    spread[axis] = to;
    return low.plus(high.minus(low).times(Tensor.of(l.lerp(), spread)));
  }

  private static Tensor rows(Tensor weights, Tensor x) {
    int n = x.dim(0);
    Tensor y = Ops.matmul(weights, Ops.reshape(x, n, x.dim(1), x.dim(2) * x.dim(3)));
    return Ops.reshape(y, n, weights.dim(0), x.dim(2), x.dim(3));
  }

  private static Tensor columns(Tensor weights, Tensor x) {
    Tensor y = Ops.matmul(weights, Ops.reshape(x, -1, x.dim(2), x.dim(3)));
    return Ops.reshape(y, x.dim(0), x.dim(1), weights.dim(0), x.dim(3));
  }

  /** Rounded to nearest even and clipped where the dtype is an integer. */
  static Tensor saturated(Tensor x, DType to) {
    if (to.isFloating()) {
      return Ops.cast(x, to);
    }
    Tensor y = Ops.floatUnary(UnaryFunction.ROUND, x);
    return Ops.cast(to.isBool() ? y : Ops.clip(y, Segment.lowest(to), Segment.highest(to)), to);
  }

  private static int scaled(int a, int b, int c) {
    return (int) ((float) (a * b) / c);
  }

  private static Tensor cropped(Tensor x, int height, int width) {
    int h = x.dim(1);
    int w = x.dim(2);
    int ch = Math.max(1, Math.min(h, scaled(w, height, width)));
    int cw = Math.max(1, Math.min(w, scaled(h, width, height)));
    int[] start = {0, (h - ch) / 2, (w - cw) / 2, 0};
    return Ops.slice(x, start, new int[] {x.dim(0), ch, cw, x.dim(3)});
  }

  private static Tensor padded(Tensor x, int height, int width, double fill) {
    int h = x.dim(1);
    int w = x.dim(2);
    int rows = (Math.max(h, scaled(w, height, width)) - h) / 2;
    int columns = rows > 0 ? 0 : (Math.max(w, scaled(h, width, height)) - w) / 2;
    return Ops.pad(x, new int[][] {{0, 0}, {rows, rows}, {columns, columns}, {0, 0}}, fill);
  }

  /**
   * Axes scaled and moved: new position p of axis {@code axes[i]} shows old position (p −
   * translation[i]) / scale[i]. What lies outside is 0.
   */
  static Tensor scaleAndTranslate(
      Tensor x,
      int[] shape,
      Tensor scale,
      Tensor translation,
      int[] axes,
      String method,
      boolean antialias) {
    if (axes.length == 0) {
      return x;
    }
    DType d = Ops.promoted(List.of(Ops.toFloat(scale), Ops.toFloat(translation))).get(0).dtype();
    boolean rounded = !x.dtype().isFloating();
    Tensor y = rounded ? Ops.cast(x, DType.FLOAT32) : x;
    for (int i = 0; i < axes.length; i++) {
      int a = x.shape().axis(axes[i]);
      Tensor s = Ops.cast(element(scale, i), d);
      Tensor t = Ops.cast(element(translation, i), d);
      Tensor w = placing(x.dim(a), shape[a], s, t, method, antialias);
      Tensor last = Ops.swapaxes(y, a, -1);
      y = Ops.swapaxes(Ops.matmul(last, Ops.cast(w, y.dtype())), a, -1);
    }
    if (!rounded) {
      return y;
    }
    Tensor low = Ops.cast(Ops.min(x, null, false), y.dtype());
    Tensor high = Ops.cast(Ops.max(x, null, false), y.dtype());
    y = Ops.minimum(Ops.maximum(Ops.floatUnary(UnaryFunction.ROUND, y), low), high);
    return Ops.cast(y, x.dtype());
  }

  private static Tensor element(Tensor x, int i) {
    return Ops.reshape(Ops.slice(x, new int[] {i}, new int[] {1}));
  }

  /** Weights (old, new). */
  private static Tensor placing(
      int from, int to, Tensor scale, Tensor translation, String method, boolean antialias) {
    DType d = scale.dtype();
    Tensor inverse = Ops.divide(1.0, scale);
    Tensor wide = antialias ? Ops.maximum(inverse, 1.0) : Ops.onesLike(scale);
    Tensor at = Ops.cast(Ops.arange(to), d).plus(0.5).times(inverse);
    at = at.minus(translation.times(inverse)).minus(0.5);
    Tensor old = Ops.expandDims(Ops.cast(Ops.arange(from), d), 1);
    Tensor w = kernel(method, Ops.abs(Ops.subtract(Ops.expandDims(at, 0), old)).divide(wide));
    Tensor sum = Ops.sum(w, new int[] {0}, true);
    Tensor safe = Ops.where(Ops.notEqual(sum, 0), sum, Ops.onesLike(sum));
    Tensor some = Ops.greater(Ops.abs(sum), 1000 * 0x1p-23);
    w = Ops.where(some, w.divide(safe), 0);
    Tensor inside = Ops.logicalAnd(Ops.greaterEqual(at, -0.5), Ops.lessEqual(at, from - 0.5));
    return Ops.where(Ops.expandDims(inside, 0), w, 0);
  }

  private static Tensor kernel(String method, Tensor x) {
    switch (method) {
      case "linear":
      case "bilinear":
      case "trilinear":
        return Ops.maximum(Ops.oneMinus(x), 0);
      case "cubic":
      case "bicubic":
      case "tricubic":
        Tensor near = x.times(1.5).minus(2.5).times(x).times(x).plus(1);
        Tensor far = x.times(-0.5).plus(2.5).times(x).minus(4).times(x).plus(2);
        Tensor y = Ops.where(Ops.greaterEqual(x, 1), far, near);
        return Ops.where(Ops.greaterEqual(x, 2), 0, y);
      case "lanczos3":
        return lanczos(3, x);
      case "lanczos5":
        return lanczos(5, x);
      default:
        throw new ConfigException(
            "scale_and_translate: method must be one of 'linear', 'bilinear', 'trilinear', 'cubic',"
                + " 'bicubic', 'tricubic', 'lanczos3', 'lanczos5'. Received: method='"
                + method
                + "'");
    }
  }

  private static Tensor lanczos(double radius, Tensor x) {
    Tensor p = x.times(Math.PI);
    Tensor y = Ops.sin(p).times(radius).times(Ops.sin(p.divide(radius)));
    Tensor safe = Ops.where(Ops.notEqual(x, 0), Ops.square(p), Ops.onesLike(x));
    y = Ops.where(Ops.greater(x, 1e-3), y.divide(safe), 1);
    return Ops.where(Ops.greater(x, radius), 0, y);
  }
}
