package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/** Tensors read between their elements. */
public final class Coordinates {
  private Coordinates() {}

  private static ConfigException refuse(String name, String expected, Object received) {
    return new ConfigException(
        "map_coordinates: "
            + name
            + " must be "
            + expected
            + ". Received: "
            + name
            + "="
            + received);
  }

  /**
   * A tensor of rank r read at coordinates (r, ...) → (...).
   *
   * @param order 0 for the nearest element, 1 for linear interpolation
   * @param fillMode {@code constant}, {@code nearest}, {@code wrap}, {@code mirror} or {@code
   *     reflect}
   */
  public static Tensor map(Tensor x, Tensor coordinates, int order, String fillMode, double fill) {
    if (coordinates.rank() < 2 || coordinates.dim(0) != x.rank()) {
      throw new ShapeException(
          "map_coordinates: expected coordinates (rank of inputs, ...). Received: inputs "
              + x.shape()
              + ", coordinates "
              + coordinates.shape());
    }
    List<Tensor> axes = new ArrayList<>();
    for (Tensor c : Ops.split(coordinates, x.rank(), 0)) {
      axes.add(Ops.squeeze(c, 0));
    }
    return read(x, List.of(), axes, order, fillMode, fill);
  }

  /**
   * Elements at whole positions {@code exact} of the first axes and any positions {@code between}
   * of the next ones, all of one shape; further axes of x are read whole.
   */
  private static Tensor read(
      Tensor x, List<Tensor> exact, List<Tensor> between, int order, String mode, double fill) {
    if (order != 0 && order != 1) {
      throw refuse("order", "0 or 1", order);
    }
    // integer positions read integers, as in Keras
    DType d = order == 1 ? Ops.toFloat(between.get(0)).dtype() : between.get(0).dtype();
    int rest = x.rank() - exact.size() - between.size();
    int corners = order == 0 ? 1 : 1 << between.size();
    Tensor sum = null;
    for (int corner = 0; corner < corners; corner++) {
      List<Tensor> at = new ArrayList<>(exact);
      Tensor valid = null;
      Tensor weight = null;
      for (int k = 0; k < between.size(); k++) {
        Tensor p = order == 1 ? Ops.toFloat(between.get(k)) : between.get(k);
        int n = x.dim(exact.size() + k);
        boolean upper = order == 1 && (corner >> k & 1) == 1;
        Tensor low = order == 1 ? Ops.floatUnary(UnaryFunction.FLOOR, p) : rounded(p);
        if (order == 1) {
          Tensor w = upper ? p.minus(low) : Ops.oneMinus(p.minus(low));
          weight = weight == null ? w : weight.times(w);
        }
        Tensor i = Ops.add(Ops.cast(low, DType.INT32), upper ? 1 : 0);
        Tensor in = Ops.logicalAnd(Ops.greaterEqual(i, 0), Ops.less(i, n));
        valid = valid == null ? in : Ops.logicalAnd(valid, in);
        at.add(wrapped(i, n, mode));
      }
      Tensor v = Ops.apply1(new Indexing.Gather(), x, Ops.stack(at, -1));
      v = Ops.cast(v, d);
      v = mode.equals("constant") ? Ops.where(spread(valid, rest), v, fill) : v;
      v = weight == null ? v : v.times(spread(weight, rest));
      sum = sum == null ? v : sum.plus(v);
    }
    return Ops.cast(x.dtype().isInteger() ? rounded(sum) : sum, x.dtype());
  }

  private static Tensor spread(Tensor x, int axes) {
    Tensor y = x;
    for (int i = 0; i < axes; i++) {
      y = Ops.expandDims(y, -1);
    }
    return y;
  }

  private static Tensor rounded(Tensor x) {
    return x.dtype().isFloating() ? Ops.floatUnary(UnaryFunction.ROUND, x) : x;
  }

  /**
   * Whole positions brought into the image, with the edges as Keras 3.15 on TensorFlow has them.
   */
  private static Tensor wrapped(Tensor i, int n, String mode) {
    switch (mode) {
      case "constant":
      case "nearest":
        return Ops.minimum(Ops.maximum(i, 0), n - 1);
      case "wrap":
        return Ops.mod(i, n);
      case "mirror":
      case "reflect":
        Tensor m = Ops.mod(Ops.abs(i), 2 * n);
        int last = mode.equals("reflect") ? 2 * n - 1 : 2 * n;
        return Ops.where(Ops.less(m, n), m, Ops.subtract(last, m));
      default:
        throw refuse("fill_mode", "'constant', 'nearest', 'wrap', 'mirror' or 'reflect'", mode);
    }
  }

  /**
   * Images (batch, height, width, channels) with each pixel read from somewhere near: random moves,
   * as large as {@code alpha·sigma}, blurred by a bell curve of {@code sigma}. As in Keras pixels
   * move by the same number of rows and columns.
   *
   * @param key of the draw, int64 (2,)
   */
  public static Tensor elastic(
      Tensor x,
      double alpha,
      double sigma,
      String interpolation,
      String fillMode,
      double fill,
      Tensor key) {
    boolean nearest = interpolation.equals("nearest");
    if (!nearest && !interpolation.equals("bilinear")) {
      throw refuse("interpolation", "'nearest' or 'bilinear'", interpolation);
    }
    if (!x.dtype().isFloating()) {
      throw new ShapeException("elastic_transform: expected floats. Received: " + x.spec());
    }
    int n = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int size = 6 * (int) sigma | 1;
    Tensor moves = RandomOps.normal(Shape.of(n, h, w, 1), 0, sigma, x.dtype(), key);
    moves = ImageFilters.gaussianBlur(moves, new int[] {size, size}, new double[] {sigma, sigma});
    moves = Ops.squeeze(moves, -1).times(alpha);
    Tensor rows = moves.plus(Ops.reshape(Ops.cast(Ops.arange(h), x.dtype()), h, 1));
    Tensor columns = moves.plus(Ops.cast(Ops.arange(w), x.dtype()));
    Tensor image = Ops.reshape(Ops.arange(n), n, 1, 1);
    image = Ops.broadcastTo(image, Shape.of(n, h, w));
    return read(x, List.of(image), List.of(rows, columns), nearest ? 0 : 1, fillMode, fill);
  }

  /** The key that a {@code seed} argument stands for: a number, a generator, or null. */
  static Tensor key(Object seed) {
    if (seed instanceof Number s) {
      return SeedGenerator.key(s.longValue());
    }
    return seed instanceof SeedGenerator g ? g.next() : new SeedGenerator((Long) null).next();
  }
}
