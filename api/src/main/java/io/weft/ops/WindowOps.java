package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Window functions of {@code keras.ops.numpy}: symmetric, float32. */
final class WindowOps {
  private WindowOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    window(t, "bartlett", p -> 1 - Math.abs(2 * p - 1));
    window(t, "hanning", p -> 0.5 - 0.5 * Math.cos(2 * Math.PI * p));
    window(t, "hamming", p -> 0.54 - 0.46 * Math.cos(2 * Math.PI * p));
    window(
        t,
        "blackman",
        p -> 0.42 - 0.5 * Math.cos(2 * Math.PI * p) + 0.08 * Math.cos(4 * Math.PI * p));
    t.op(
        "kaiser",
        null,
        "x, beta",
        a -> {
          Tensor beta = Ops.cast(a.tensor("beta"), DType.FLOAT32);
          Tensor p = sampled(a, "kaiser", v -> Math.sqrt(Math.max(0, 1 - Math.pow(2 * v - 1, 2))));
          return i0(p.times(beta)).divide(i0(beta));
        });
    return t.list();
  }

  private static Tensor i0(Tensor x) {
    return Ops.unary(UnaryFunction.I0, x);
  }

  private static void window(Table t, String function, DoubleUnaryOperator f) {
    t.op(function, null, "x", a -> sampled(a, function, f));
  }

  /** f at n points from 0 to 1; a window of one point is 1. */
  private static Tensor sampled(OpArgs a, String function, DoubleUnaryOperator f) {
    int n = (int) a.number("x");
    if (n < 0) {
      throw new ConfigException(function + ": x must not be negative. Received: x=" + n);
    }
    HostArray h = HostArray.zeros(DType.FLOAT32, Shape.of(n));
    for (int i = 0; i < n; i++) {
      h.set(i, n == 1 ? 1 : f.applyAsDouble(i / (n - 1.0)));
    }
    return Tensor.ofTrusted(h);
  }
}
