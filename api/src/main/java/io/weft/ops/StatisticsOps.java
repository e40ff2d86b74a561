package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** Counting, correlation and differences: the rest of {@code keras.ops.numpy}'s statistics. */
final class StatisticsOps {
  private StatisticsOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op(
        "bincount",
        "Bincount",
        "x | weights=None, minlength=0, sparse=False",
        a -> {
          if (a.raw("sparse") instanceof Boolean b && b) {
            throw new ConfigException("bincount: sparse must be false; Weft has dense tensors.");
          }
          return bincount(a.tensor("x"), a.tensorOrNull("weights"), a.integer("minlength"));
        });
    t.op(
        "histogram",
        "Histogram",
        "x | bins=10, range=None",
        a -> histogram(a, a.tensor("x"), a.integer("bins")));
    t.op("corrcoef", "Corrcoef", "x", a -> corrcoef(a.tensor("x")));
    t.op(
        "correlate",
        "Correlate",
        "x1, x2 | mode=\"valid\"",
        a -> correlate(a.tensor("x1"), a.tensor("x2"), a.string("mode")));
    t.op(
        "diff",
        "Diff",
        "a | n=1, axis=-1",
        a -> diff(a.tensor("a"), a.integer("n"), a.integer("axis")));
    t.op(
        "trapezoid",
        "Trapezoid",
        "y | x=None, dx=1.0, axis=-1",
        a ->
            trapezoid(
                a.tensor("y"),
                a.tensorOrNull("x"),
                (float) a.number("dx"), // rounded, as in Keras
                a.integer("axis")));
    return t.list();
  }

  /** How often each number from 0 on stands in the last axis, or the sums of its weights. */
  private static Tensor bincount(Tensor x, Tensor weights, int minLength) {
    if (x.rank() != 1 && x.rank() != 2) {
      throw new ShapeException("bincount: expected a vector or a matrix. Received: " + x.shape());
    }
    if (weights != null && !weights.shape().equals(x.shape())) {
      throw new ShapeException(
          "bincount: expected weights of shape " + x.shape() + ". Received: " + weights.shape());
    }
    HostArray h = Concrete.of("bincount", x).cast(DType.INT32);
    int length = minLength;
    for (int i = 0; i < h.size(); i++) {
      if (h.longAt(i) < 0) {
        throw new ConfigException(
            "bincount: expected numbers that are not negative. Received: " + h.longAt(i));
      }
      length = Math.max(length, (int) h.longAt(i) + 1);
    }
    DType d = weights == null ? DType.INT32 : Dtypes.result(x, weights);
    Tensor w = weights == null ? Ops.ones(x.shape(), d) : Ops.cast(weights, d);
    Tensor zeros = Ops.zeros(x.rank() == 1 ? Shape.of(length) : Shape.of(x.dim(0), length), d);
    Tensor at = Ops.expandDims(Ops.cast(x, DType.INT32), -1);
    if (x.rank() == 2) {
      Tensor row = Ops.broadcastTo(Ops.arange(x.dim(0)).reshape(-1, 1, 1), at.shape());
      at = Ops.concatenate(List.of(row, at), -1);
    }
    return Ops.apply1(new Indexing.Scatter(Indexing.Combine.ADD), zeros, at, w);
  }

  /** Counts of the numbers in equal bins, in the dtype of x, and the bounds of the bins. */
  private static List<Tensor> histogram(OpArgs a, Tensor x, int bins) {
    if (x.rank() > 1 || bins <= 0 || x.dtype().isBool()) {
      throw new ConfigException(
          "histogram: expected a vector of numbers and a positive number of bins. Received: x "
              + x.spec()
              + ", bins="
              + bins);
    }
    Tensor low;
    Tensor high;
    if (a.raw("range") instanceof List<?> r && !r.isEmpty()) {
      if (r.size() != 2
          || !(r.get(0) instanceof Number lo)
          || !(r.get(1) instanceof Number hi)
          || hi.doubleValue() < lo.doubleValue()) {
        throw new ConfigException(
            "histogram: range must be two rising numbers. Received: range=" + r);
      }
      low = Tensor.scalar(lo.doubleValue(), x.dtype());
      high = Tensor.scalar(hi.doubleValue(), x.dtype());
    } else {
      low = Ops.min(x, null, false);
      high = Ops.max(x, null, false);
    }
    DType d = x.dtype().isFloating() ? x.dtype() : DType.FLOAT64;
    Tensor edges =
        Ops.cast(RangeOps.between(Ops.cast(low, d), Ops.cast(high, d), bins + 1, 0), x.dtype());
    Tensor inner = Ops.slice(edges, new int[] {1}, new int[] {Math.max(0, bins - 1)});
    Tensor bin = SortOps.position(inner, x, true);
    Tensor counted =
        Ops.cast(Ops.logicalAnd(Ops.greaterEqual(x, low), Ops.lessEqual(x, high)), x.dtype());
    Tensor counts =
        Ops.apply1(
            new Indexing.Scatter(Indexing.Combine.ADD),
            Ops.zeros(Shape.of(bins), x.dtype()),
            Ops.expandDims(bin, -1),
            counted);
    return List.of(counts, edges);
  }

  private static Tensor corrcoef(Tensor given) {
    Tensor x = Ops.cast(given, Dtypes.wide(given.dtype()));
    if (x.rank() == 0) {
      return Tensor.scalar(Float.NaN);
    }
    int[] last = {-1};
    Tensor centered = Ops.subtract(x, Ops.mean(x, last, true));
    if (x.rank() == 1) {
      throw new ShapeException("corrcoef: expected rows of samples. Received: " + x.shape());
    }
    Tensor covariance =
        Ops.matmul(centered, Ops.swapaxes(centered, -1, -2)).divide(x.dim(-1) - 1.0);
    Tensor deviation = Ops.sqrt(MatrixOps.diagonal(covariance, 0, -2, -1));
    Tensor outer = Ops.expandDims(deviation, -1).times(Ops.expandDims(deviation, -2));
    return ElementwiseOps.clip(covariance.divide(outer), -1.0, 1.0);
  }

  /** Sums of products of x2 with the windows of x1. */
  private static Tensor correlate(Tensor x1, Tensor x2, String mode) {
    if (x1.rank() != 1 || x2.rank() != 1) {
      throw new ShapeException(
          "correlate: expected vectors. Received: " + x1.shape() + ", " + x2.shape());
    }
    DType d = Dtypes.wide(Dtypes.result(x1, x2));
    Tensor a = Ops.cast(x1, d);
    Tensor b = Ops.cast(x2, d);
    int n = a.dim(0);
    int m = b.dim(0);
    int border = m - 1;
    switch (mode) {
      case "valid":
        return windows(a, b);
      case "full":
        return windows(Ops.pad(a, new int[][] {{border, border}}, 0), b);
      case "same":
        Tensor full = windows(Ops.pad(a, new int[][] {{border, border}}, 0), b);
        int length = Math.max(n, m);
        return Ops.slice(full, new int[] {(n + m - 1 - length) / 2}, new int[] {length});
      default:
        throw new ConfigException(
            "correlate: mode must be 'full', 'same' or 'valid'. Received: mode=" + mode);
    }
  }

  private static Tensor windows(Tensor a, Tensor b) {
    int m = b.dim(0);
    int out = a.dim(0) - m + 1;
    if (out < 1 || m < 1) {
      throw new ShapeException(
          "correlate: expected x1 to be as long as x2 or longer. Received: "
              + a.shape()
              + ", "
              + b.shape());
    }
    int[] at = new int[out * m];
    for (int i = 0; i < at.length; i++) {
      at[i] = i / m + i % m;
    }
    return Ops.matmul(Ops.take(a, Tensor.of(at, out, m), 0), b);
  }

  /** Differences of neighbors along an axis, n times over; of booleans, whether they differ. */
  private static Tensor diff(Tensor a, int n, int axis) {
    if (n < 0 || a.rank() == 0) {
      throw new ConfigException(
          "diff: expected a tensor with an axis and n that is not negative. Received: "
              + a.shape()
              + ", n="
              + n);
    }
    Tensor y = a;
    int at = a.shape().axis(axis);
    for (int i = 0; i < n; i++) {
      Tensor next = part(y, at, 1);
      Tensor here = part(y, at, 0);
      y = y.dtype().isBool() ? Ops.notEqual(next, here) : next.minus(here);
    }
    return y;
  }

  /** All but one element of an axis, from a start on. */
  private static Tensor part(Tensor x, int axis, int from) {
    int[] start = new int[x.rank()];
    start[axis] = x.dim(axis) == 0 ? 0 : from;
    return Ops.slice(x, start, x.shape().withDim(axis, Math.max(0, x.dim(axis) - 1)).dims());
  }

  private static Tensor trapezoid(Tensor given, Tensor x, double dx, int axis) {
    Tensor y = Ops.toFloat(given);
    int[] last = {-1};
    Tensor v = ShapeOps.moveaxis(y, new int[] {axis}, last);
    int end = v.rank() - 1;
    Tensor heights = part(v, end, 1).plus(part(v, end, 0)).times(0.5);
    if (x == null) {
      return Ops.sum(heights.times(dx), last, false);
    }
    Tensor widths = diff(Ops.cast(x, y.dtype()), 1, x.rank() == 1 ? 0 : axis);
    widths = x.rank() == 1 ? widths : ShapeOps.moveaxis(widths, new int[] {axis}, last);
    return Ops.sum(heights.times(widths), last, false);
  }
}
