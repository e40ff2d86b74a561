package io.weft.engine.op;

import io.weft.tensor.DType;
import io.weft.tensor.Fused;
import io.weft.tensor.Linalg;
import io.weft.tensor.Shape;
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
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    Shape y = out.get(0).shape();
    DType d = out.get(0).dtype();
    int m = y.dim(-2);
    int n = y.dim(-1);
    int k = a.dim(op.transposeA() ? -2 : -1);
    Shape batch = y.slice(0, y.rank() - 2);
    int[] as = offsets(a, batch);
    int[] bs = offsets(b, batch);
    // strides of (row, column) of op(a) and op(b)
    int ar = op.transposeA() ? 1 : k;
    int ac = op.transposeA() ? m : 1;
    int br = op.transposeB() ? 1 : n;
    int bc = op.transposeB() ? k : 1;
    return (in2, out2) -> {
      Object x =
          d.isBool()
              ? ReductionKernels.longs(d, in2[0], a.intSize())
              : Registers.wide(d, in2[0], a.intSize());
      Object w =
          d.isBool()
              ? ReductionKernels.longs(d, in2[1], b.intSize())
              : Registers.wide(d, in2[1], b.intSize());
      int size = y.intSize();
      Object r =
          d.isBool()
              ? new long[size]
              : Registers.isDirect(d) ? out2[0] : Registers.allocate(Registers.kind(d), size);
      for (int i = 0; i < as.length; i++) {
        product(x, as[i], ar, ac, w, bs[i], br, bc, r, i * m * n, m, n, k);
      }
      if (d.isBool()) {
        for (int i = 0; i < size; i++) {
          ((byte[]) out2[0])[i] = Loops.bit(((long[]) r)[i] != 0);
        }
      } else if (r != out2[0]) {
        Registers.store(d, r, 0, out2[0], 0, size);
      }
    };
  }

  /** Where each matrix of the broadcast batch starts. */
  private static int[] offsets(Shape x, Shape batch) {
    Shape own = x.slice(0, x.rank() - 2);
    int[] s = Strides.broadcast(own, batch);
    int matrix = x.product(x.rank() - 2, x.rank());
    int[] r = new int[batch.intSize()];
    for (int i = 0; i < r.length; i++) {
      int rest = i;
      for (int j = batch.rank() - 1; j >= 0; j--) {
        r[i] += rest % batch.dim(j) * s[j] * matrix;
        rest /= batch.dim(j);
      }
    }
    return r;
  }

  private static void product(
      Object a,
      int ao,
      int ar,
      int ac,
      Object b,
      int bo,
      int br,
      int bc,
      Object y,
      int yo,
      int m,
      int n,
      int k) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int p = ao + i * ar;
        int q = bo + j * bc;
        if (a instanceof float[] x) {
          double sum = 0;
          float[] w = (float[]) b;
          for (int l = 0; l < k; l++) {
            sum += (double) x[p + l * ac] * w[q + l * br];
          }
          ((float[]) y)[yo + i * n + j] = (float) sum;
        } else if (a instanceof double[] x) {
          double sum = 0;
          double[] w = (double[]) b;
          for (int l = 0; l < k; l++) {
            sum += x[p + l * ac] * w[q + l * br];
          }
          ((double[]) y)[yo + i * n + j] = sum;
        } else {
          long sum = 0;
          long[] x = (long[]) a;
          long[] w = (long[]) b;
          for (int l = 0; l < k; l++) {
            sum += x[p + l * ac] * w[q + l * br];
          }
          ((long[]) y)[yo + i * n + j] = sum;
        }
      }
    }
  }

  private static Kernel softmax(Fused.Softmax op, List<TensorSpec> in, List<TensorSpec> out) {
    DType d = in.get(0).dtype();
    int size = in.get(0).shape().intSize();
    int n = in.get(0).shape().dim(-1);
    boolean log = op.log();
    return (a, y) -> {
      Object x = Registers.wide(d, a[0], size);
      Object r = Registers.isDirect(d) ? y[0] : new float[size];
      double[] row = new double[n];
      for (int s = 0; s < size; s += n) {
        for (int i = 0; i < n; i++) {
          row[i] = x instanceof float[] f ? f[s + i] : ((double[]) x)[s + i];
        }
        softmaxRow(row, log, d == DType.FLOAT32);
        for (int i = 0; i < n; i++) {
          if (r instanceof float[] f) {
            f[s + i] = (float) row[i];
          } else {
            ((double[]) r)[s + i] = row[i];
          }
        }
      }
      if (r != y[0]) {
        Registers.store(d, r, 0, y[0], 0, size);
      }
    };
  }

  /** A row in place; {@code isolate} keeps NaN and infinity to their places, as TensorFlow. */
  private static void softmaxRow(double[] row, boolean log, boolean isolate) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : row) {
      max = Math.max(max, v);
    }
    if (isolate && !log && !(max < Double.POSITIVE_INFINITY)) {
      for (int i = 0; i < row.length; i++) {
        row[i] = row[i] < Double.POSITIVE_INFINITY ? 0 : Double.NaN;
      }
      return;
    }
    double sum = 0;
    for (int i = 0; i < row.length; i++) {
      row[i] -= max;
      sum += Math.exp(row[i]);
    }
    double scale = log ? Math.log(sum) : 1 / sum;
    for (int i = 0; i < row.length; i++) {
      row[i] = log ? row[i] - scale : Math.exp(row[i]) * scale;
    }
  }
}
