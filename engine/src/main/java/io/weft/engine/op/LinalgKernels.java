package io.weft.engine.op;

import io.weft.engine.kernel.RowKernels;
import io.weft.tensor.DType;
import io.weft.tensor.Fused;
import io.weft.tensor.Linalg;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** Kernels of matrix products and softmax. */
final class LinalgKernels {
  private LinalgKernels() {}

  static void register(Kernels k) {
    k.put(Linalg.MatMul.class, LinalgKernels::matmul);
    k.put(Fused.Softmax.class, LinalgKernels::softmax);
  }

  private static Kernel matmul(Linalg.MatMul op, List<TensorSpec> in, List<TensorSpec> out) {
    Products p = Products.of(op, in.get(0).shape(), in.get(1).shape(), out.get(0).shape());
    DType d = out.get(0).dtype();
    if (d.isFloating()) {
      return Numeric.floating(
          in, out, (x, y) -> p.floats(x[0], x[1], y[0]), (x, y) -> p.doubles(x[0], x[1], y[0]));
    }
    int na = in.get(0).shape().intSize();
    int nb = in.get(1).shape().intSize();
    int size = out.get(0).shape().intSize();
    return (x, y) -> {
      long[] r = new long[size];
      p.longs(ReductionKernels.longs(d, x[0], na), ReductionKernels.longs(d, x[1], nb), r);
      ReductionKernels.storeLongs(d, r, y[0]);
    };
  }

  private static Kernel softmax(Fused.Softmax op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    int rows = n == 0 ? 0 : in.get(0).shape().intSize() / n;
    boolean log = op.log();
    return Numeric.floating(
        in,
        out,
        (x, y) -> {
          if (log) {
            RowKernels.logSoftmax(x[0], 0, y[0], 0, rows, n);
          } else {
            RowKernels.softmax(x[0], 0, y[0], 0, rows, n);
          }
        },
        (x, y) -> {
          System.arraycopy(x[0], 0, y[0], 0, rows * n);
          for (int r = 0; r < rows; r++) {
            softmaxRow(y[0], r * n, n, log);
          }
        });
  }

  private static void softmaxRow(double[] y, int from, int n, boolean log) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + n; i++) {
      max = Math.max(max, y[i]);
    }
    double sum = 0;
    for (int i = from; i < from + n; i++) {
      y[i] -= max;
      sum += Math.exp(y[i]);
    }
    double scale = log ? Math.log(sum) : 1 / sum;
    for (int i = from; i < from + n; i++) {
      y[i] = log ? y[i] - scale : Math.exp(y[i]) * scale;
    }
  }
}
