package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Spectrum;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Norms of vectors and matrices, as {@code numpy.linalg.norm}. */
public final class Norms {
  private Norms() {}

  /**
   * The norm over one axis (vectors) or two (matrices: the first counts rows, the second columns);
   * null axes are all axes.
   *
   * @param order null, "fro", "nuc" or a number, possibly infinite
   */
  public static Tensor norm(Tensor x, Object order, int[] axes, boolean keepdims) {
    Tensor f = Ops.toFloat(x);
    int rank = x.rank();
    int[] a = axes == null ? Rules.array(Rules.axes(x.shape(), null)) : axes.clone();
    for (int i = 0; i < a.length; i++) {
      a[i] = x.shape().axis(a[i]);
    }
    if (order == null && (a.length == 1 || a.length == 2)) {
      return euclidean(f, a, keepdims);
    }
    if (a.length == 1) {
      if (!(order instanceof Number n)) {
        throw refuse(order, "a number for vectors");
      }
      return vector(f, n.doubleValue(), a, keepdims);
    }
    if (a.length != 2) {
      throw new ConfigException(
          "norm: axis must name one or two axes. Received: "
              + (axes == null ? "axis=None for rank " + rank : a.length + " axes"));
    }
    return matrix(f, order, a[0], a[1], keepdims);
  }

  private static Tensor euclidean(Tensor x, int[] a, boolean keepdims) {
    return Ops.sqrt(Ops.sum(x.times(x), a, keepdims));
  }

  private static Tensor vector(Tensor x, double p, int[] a, boolean keepdims) {
    if (p == 2) {
      return euclidean(x, a, keepdims);
    }
    if (p == Double.POSITIVE_INFINITY) {
      return Ops.max(Ops.abs(x), a, keepdims);
    }
    if (p == Double.NEGATIVE_INFINITY) {
      return Ops.min(Ops.abs(x), a, keepdims);
    }
    if (p == 0) {
      return Ops.sum(Ops.cast(Ops.notEqual(x, 0), x.dtype()), a, keepdims);
    }
    return Ops.power(Ops.sum(Ops.power(Ops.abs(x), p), a, keepdims), 1 / p);
  }

  private static Tensor matrix(Tensor x, Object order, int row, int column, boolean keepdims) {
    if (row == column) {
      throw new ConfigException("norm: axis must name two different axes. Received: " + row);
    }
    if ("fro".equals(order)) {
      return euclidean(x, new int[] {row, column}, keepdims);
    }
    double p = order instanceof Number n ? n.doubleValue() : Double.NaN;
    Tensor y;
    if (Math.abs(p) == 1) {
      y = extreme(Ops.sum(Ops.abs(x), new int[] {row}, true), column, p > 0);
    } else if (Double.isInfinite(p)) {
      y = extreme(Ops.sum(Ops.abs(x), new int[] {column}, true), row, p > 0);
    } else if (Math.abs(p) == 2 || "nuc".equals(order)) {
      Tensor s = singularValues(x, row, column);
      int[] last = {-1};
      y = "nuc".equals(order) ? Ops.sum(s, last, false) : extreme(s, -1, p > 0);
      int low = Math.min(row, column);
      y = Ops.expandDims(Ops.reshape(y, s.shape().slice(0, s.rank() - 1).dims()), low);
      y = Ops.expandDims(y, Math.max(row, column));
    } else {
      throw refuse(order, "'fro', 'nuc', ±1, ±2 or ±inf for matrices");
    }
    return keepdims ? y : Ops.squeeze(y, row, column);
  }

  private static Tensor extreme(Tensor x, int axis, boolean max) {
    int[] a = {axis};
    return max ? Ops.max(x, a, true) : Ops.min(x, a, true);
  }

  private static Tensor singularValues(Tensor x, int row, int column) {
    List<Integer> p = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (i != row && i != column) {
        p.add(i);
      }
    }
    p.add(row);
    p.add(column);
    Tensor t = Ops.transpose(x, Rules.array(p));
    return Ops.apply(new Spectrum.Svd(false), List.of(t)).get(1);
  }

  private static ConfigException refuse(Object order, String expected) {
    return new ConfigException("norm: ord must be " + expected + ". Received: ord=" + order);
  }
}
