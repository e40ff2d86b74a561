package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** Functions of {@code keras.ops.numpy} that make tensors. */
final class CreationOps {
  private CreationOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    constant(t, "zeros", 0);
    constant(t, "ones", 1);
    constant(t, "empty", 0);
    like(t, "zeros_like", "ZerosLike", 0);
    like(t, "ones_like", "OnesLike", 1);
    like(t, "empty_like", "EmptyLike", 0);
    t.op(
        "full",
        "Full",
        "| shape | fill_value | dtype=None",
        a -> {
          DType d = orFloat32(a.dtype("dtype"));
          return filled(a.operand("fill_value"), d, a.shape("shape"));
        });
    t.op(
        "full_like",
        "FullLike",
        "x, fill_value | dtype=None",
        a -> {
          Tensor x = a.tensor("x");
          DType d = a.isNull("dtype") ? Dtypes.result(x) : a.dtype("dtype");
          return filled(a.operand("fill_value"), d, x.shape());
        });
    t.op("array", "Array", "x | dtype=None", CreationOps::convert);
    t.op(
        "arange",
        "Arange",
        "start, stop=None, step=None | dtype=None",
        a ->
            arange(
                a.operand("start"),
                a.isNull("stop") ? null : a.operand("stop"),
                a.isNull("step") ? null : a.operand("step"),
                a.dtype("dtype")));
    t.op("identity", null, "n, dtype=None", a -> eye(a.integer("n"), a.integer("n"), 0, a));
    t.op(
        "eye",
        null,
        "N, M=None, k=0, dtype=None",
        a -> {
          int n = a.integer("N");
          return eye(n, a.isNull("M") ? n : a.integer("M"), a.integer("k"), a);
        });
    t.op(
        "tri",
        null,
        "N, M=None, k=0, dtype=None",
        a -> {
          int n = a.integer("N");
          int m = a.isNull("M") ? n : a.integer("M");
          return Ops.cast(
              MatrixOps.band(n, m, Integer.MIN_VALUE, a.integer("k")), orFloat32(a.dtype("dtype")));
        });
    t.op(
        "vander",
        "Vander",
        "x | N=None, increasing=False",
        a -> vander(a.tensor("x"), a.integerOrNull("N"), a.bool("increasing")));
    return t.list();
  }

  /** A tensor of a tensor, number or nested list, in a dtype if one is given. */
  static Tensor convert(OpArgs a) {
    DType d = a.dtype("dtype");
    Object v = a.operand("x");
    return Promotion.convert(v, d != null ? d : v instanceof Tensor t ? t.dtype() : ofHost(v));
  }

  private static DType ofHost(Object v) {
    return Promotion.ofHost(v);
  }

  static DType orFloat32(DType d) {
    return d == null ? DType.FLOAT32 : d;
  }

  private static void constant(Table t, String function, double value) {
    t.op(
        function,
        null,
        "shape, dtype=None",
        a -> Ops.full(a.shape("shape"), value, orFloat32(a.dtype("dtype"))));
  }

  private static void like(Table t, String function, String className, double value) {
    t.op(
        function,
        className,
        "x | dtype=None",
        a -> {
          Tensor x = a.tensor("x");
          return Ops.full(x.shape(), value, a.isNull("dtype") ? x.dtype() : a.dtype("dtype"));
        });
  }

  private static Tensor filled(Object value, DType d, Shape shape) {
    return Ops.broadcastTo(Promotion.convert(value, d), shape);
  }

  /** start, start + step, … below stop; the numbers must be known. */
  private static Tensor arange(Object start, Object stop, Object step, DType dtype) {
    Object by = step == null ? 1L : step;
    DType d = dtype != null ? dtype : resultOf(start, stop, step);
    Object from = stop == null ? 0L : start;
    Object to = stop == null ? start : stop;
    DType counting = d.isBool() ? DType.FLOAT32 : d;
    double lo = number(from, counting);
    double hi = number(to, counting);
    double delta = number(by, counting);
    if (delta == 0 || Double.isNaN(delta)) {
      throw new ConfigException("arange: step must not be zero. Received: step=" + by);
    }
    double quotient = (hi - lo) / delta;
    double count = Math.ceil(d.isFloating() ? number(quotient, counting) : quotient);
    if (!(count >= 0 && count < Integer.MAX_VALUE)) {
      throw new ConfigException(
          "arange: expected a stop that step leads to. Received: start="
              + lo
              + ", stop="
              + hi
              + ", step="
              + delta);
    }
    HostArray h = HostArray.zeros(d, Shape.of((int) count));
    for (int i = 0; i < h.size(); i++) {
      if (d.isFloating()) {
        h.set(i, lo + i * delta);
      } else {
        h.set(i, (long) lo + i * (long) delta);
      }
    }
    return Tensor.ofTrusted(h);
  }

  private static DType resultOf(Object start, Object stop, Object step) {
    if (stop == null) {
      return step == null ? Dtypes.result(start) : Dtypes.result(start, step);
    }
    return step == null ? Dtypes.result(start, stop) : Dtypes.result(start, stop, step);
  }

  /** A number rounded to a dtype. */
  private static double number(Object v, DType d) {
    HostArray one = HostArray.zeros(d, Shape.SCALAR);
    if (v instanceof Tensor t) {
      one.set(0, Concrete.of("arange", t).doubleAt(0));
    } else if (v instanceof Boolean b) {
      one.set(0, b ? 1L : 0L);
    } else {
      one.set(0, ((Number) v).doubleValue());
    }
    return one.doubleAt(0);
  }

  private static Tensor eye(int n, int m, int k, OpArgs a) {
    // off the main diagonal Keras pads a square, which for N != M has more rows than asked for
    int side = Math.min(m - k, n + k);
    if (n < 0 || m < 0 || (k != 0 && side < 0)) {
      throw new ConfigException(
          "eye: N and M must not be negative, and k must be inside. Received: N="
              + n
              + ", M="
              + m
              + ", k="
              + k);
    }
    int top = Math.max(-k, 0);
    int left = Math.max(k, 0);
    int[][] border = {{top, Math.max(n - m + k, 0)}, {left, Math.max(m - n - k, 0)}};
    Tensor y =
        k == 0 ? MatrixOps.band(n, m, 0, 0) : Ops.pad(MatrixOps.band(side, side, 0, 0), border, 0);
    return Ops.cast(y, orFloat32(a.dtype("dtype")));
  }

  private static Tensor vander(Tensor x, Integer columns, boolean increasing) {
    if (x.rank() != 1 || (columns != null && columns < 0)) {
      throw new ConfigException(
          "vander: expected a vector and a number of columns. Received: x "
              + x.shape()
              + ", N="
              + columns);
    }
    int n = columns == null ? x.dim(0) : columns;
    DType d = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    HostArray powers = HostArray.zeros(d, Shape.of(n));
    for (int i = 0; i < n; i++) {
      powers.set(i, (long) (increasing ? i : n - 1 - i));
    }
    Tensor y = Ops.power(Ops.expandDims(Ops.cast(x, d), -1), Tensor.ofTrusted(powers));
    return Ops.cast(y, Dtypes.result(x));
  }
}
