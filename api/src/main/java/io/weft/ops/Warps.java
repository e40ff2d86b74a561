package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/** Images read at moved positions (keras-layers.md 2.7). */
public final class Warps {
  private Warps() {}

  private static Tensor floor(Tensor x) {
    return Ops.floatUnary(UnaryFunction.FLOOR, x);
  }

  private static Tensor trunc(Tensor x) {
    return Ops.floatUnary(UnaryFunction.TRUNC, x);
  }

  /**
   * Images (batch, height, width, channels) under transforms (batch or 1, 8) from new to old
   * positions; computed in float32, integers are truncated.
   *
   * @param interpolation {@code nearest} or {@code bilinear}
   * @param fillMode {@code constant}, {@code nearest}, {@code wrap} or {@code reflect}
   */
  public static Tensor affine(
      Tensor images, Tensor transform, String interpolation, String fillMode, double fill) {
    if (!interpolation.equals("nearest") && !interpolation.equals("bilinear")) {
      throw refuse("interpolation", "'nearest' or 'bilinear'", interpolation);
    }
    if (transform.rank() != 2 || transform.dim(1) != 8) {
      throw new ShapeException(
          "affine_transform: expected transforms (8,) or (batch, 8). Received: "
              + transform.shape());
    }
    Tensor t = Ops.cast(transform, DType.FLOAT32);
    Tensor[] k = new Tensor[8];
    for (int i = 0; i < 8; i++) {
      k[i] = Ops.reshape(Ops.slice(t, new int[] {0, i}, new int[] {t.dim(0), 1}), -1, 1, 1);
    }
    Tensor x = Ops.cast(Ops.arange(images.dim(2)), DType.FLOAT32);
    Tensor y = Ops.expandDims(Ops.cast(Ops.arange(images.dim(1)), DType.FLOAT32), 1);
    Tensor scale = k[6].times(x).plus(k[7].times(y)).plus(1);
    Tensor oldX = k[0].times(x).plus(k[1].times(y)).plus(k[2]).divide(scale);
    Tensor oldY = k[3].times(x).plus(k[4].times(y)).plus(k[5]).divide(scale);
    Tensor behind = Ops.equal(scale, 0);
    return sample(
        images,
        moved(oldY, images.dim(1), fillMode),
        moved(oldX, images.dim(2), fillMode),
        behind,
        interpolation.equals("nearest"),
        fill);
  }

  private static ConfigException refuse(String name, String expected, Object received) {
    return new ConfigException(
        "image: " + name + " must be " + expected + ". Received: " + name + "='" + received + "'");
  }

  /** Positions brought into the image as TensorFlow does. */
  private static Tensor moved(Tensor p, int n, String mode) {
    Tensor inside;
    switch (mode) {
      case "constant":
        return p;
      case "nearest":
        return Ops.clip(p, 0, n - 1);
      case "reflect":
        double twice = 2.0 * n;
        Tensor down = p.plus(trunc(Ops.negative(p).divide(twice)).times(twice));
        down = Ops.where(Ops.less(down, -n), down.plus(twice), Ops.negative(down).minus(1));
        Tensor up = p.minus(trunc(p.divide(twice)).times(twice));
        up = Ops.where(Ops.greaterEqual(up, n), Ops.subtract(twice - 1, up), up);
        inside = Ops.where(Ops.greater(p, n - 1), up, p);
        return Ops.clip(Ops.where(Ops.less(p, 0), down, inside), 0, n - 1);
      case "wrap":
        if (n <= 1) {
          return Ops.zerosLike(p);
        }
        Tensor below = p.plus(trunc(Ops.negative(p).divide(n - 1)).plus(1).times(n));
        Tensor above = p.minus(trunc(p.divide(n - 1)).times(n));
        inside = Ops.where(Ops.greater(p, n - 1), above, p);
        return Ops.clip(Ops.where(Ops.less(p, 0), below, inside), 0, n - 1);
      default:
        throw refuse("fill_mode", "'constant', 'nearest', 'wrap' or 'reflect'", mode);
    }
  }

  private static Tensor sample(
      Tensor images, Tensor y, Tensor x, Tensor behind, boolean nearest, double fill) {
    if (nearest) {
      Tensor r = read(images, awayFromZero(y), awayFromZero(x), fill);
      return Ops.cast(where(behind, fill, r), images.dtype());
    }
    Tensor y0 = floor(y);
    Tensor x0 = floor(x);
    Tensor wy = Ops.expandDims(y.minus(y0), -1);
    Tensor wx = Ops.expandDims(x.minus(x0), -1);
    Tensor top = mix(images, y0, x0, wx, fill);
    Tensor bottom = mix(images, y0.plus(1), x0, wx, fill);
    Tensor r = Ops.oneMinus(wy).times(top).plus(wy.times(bottom));
    return Ops.cast(where(behind, fill, r), images.dtype());
  }

  private static Tensor where(Tensor behind, double fill, Tensor r) {
    return Ops.where(Ops.expandDims(behind, -1), fill, r);
  }

  private static Tensor awayFromZero(Tensor x) {
    return Ops.sign(x).times(floor(Ops.abs(x).plus(0.5)));
  }

  private static Tensor mix(Tensor images, Tensor y, Tensor x0, Tensor wx, double fill) {
    Tensor left = read(images, y, x0, fill);
    Tensor right = read(images, y, x0.plus(1), fill);
    return Ops.oneMinus(wx).times(left).plus(wx.times(right));
  }

  /** Pixels at whole positions (batch, h, w) as float32 (batch, h, w, channels). */
  private static Tensor read(Tensor images, Tensor y, Tensor x, double fill) {
    int n = images.dim(0);
    int h = images.dim(1);
    int w = images.dim(2);
    Tensor inside =
        Ops.logicalAnd(
            Ops.logicalAnd(Ops.greaterEqual(y, 0), Ops.less(y, h)),
            Ops.logicalAnd(Ops.greaterEqual(x, 0), Ops.less(x, w)));
    Tensor row = Ops.cast(Ops.clip(y, 0, h - 1), DType.INT32);
    Tensor column = Ops.cast(Ops.clip(x, 0, w - 1), DType.INT32);
    Tensor image = Ops.reshape(Ops.arange(n), -1, 1, 1);
    Tensor at = Ops.add(Ops.multiply(Ops.add(Ops.multiply(image, h), row), w), column);
    Tensor flat = Ops.reshape(Ops.cast(images, DType.FLOAT32), n * h * w, images.dim(3));
    return Ops.where(Ops.expandDims(inside, -1), Ops.take(flat, at, 0), fill);
  }

  /**
   * The eight numbers that take {@code to} to {@code from}: two quadruples of points (batch, 4, 2)
   * → (batch, 8).
   */
  public static Tensor homography(Tensor from, Tensor to) {
    List<Tensor> rows = new ArrayList<>();
    List<Tensor> target = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Tensor sx = point(from, i, 0);
      Tensor sy = point(from, i, 1);
      Tensor ex = point(to, i, 0);
      Tensor ey = point(to, i, 1);
      Tensor one = Ops.onesLike(ex);
      Tensor zero = Ops.zerosLike(ex);
      Tensor nx = Ops.negative(sx);
      Tensor ny = Ops.negative(sy);
      rows.add(Ops.stack(List.of(ex, ey, one, zero, zero, zero, nx.times(ex), nx.times(ey)), -1));
      rows.add(Ops.stack(List.of(zero, zero, zero, ex, ey, one, ny.times(ex), ny.times(ey)), -1));
      target.add(sx);
      target.add(sy);
    }
    return Matrices.solve(Ops.stack(rows, 1), Ops.stack(target, -1));
  }

  private static Tensor point(Tensor p, int i, int axis) {
    return Ops.reshape(Ops.slice(p, new int[] {0, i, axis}, new int[] {p.dim(0), 1, 1}), -1);
  }
}
