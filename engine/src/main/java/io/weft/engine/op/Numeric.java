package io.weft.engine.op;

import io.weft.engine.op.Registers.Kind;
import io.weft.tensor.DType;
import io.weft.tensor.TensorSpec;
import java.util.List;

/**
 * Kernels written for float (and double) arrays, made to work for all floating dtypes: halves by
 * way of float, and where there is only one of the two, the other by way of that. Inputs of other
 * kinds are passed as they are stored.
 */
final class Numeric {
  private Numeric() {}

  /** A kernel's work on float arrays; results may hold old numbers. */
  interface Floats {
    void run(float[][] x, float[][] y);
  }

  /** The same on double arrays. */
  interface Doubles {
    void run(double[][] x, double[][] y);
  }

  /** All inputs and outputs are floating, of one dtype. */
  static Kernel floating(
      List<TensorSpec> in, List<TensorSpec> out, Floats floats, Doubles doubles) {
    if (in.get(0).dtype() == DType.FLOAT64) {
      return (x, y) -> {
        double[][] a = new double[x.length][];
        double[][] r = new double[y.length][];
        for (int i = 0; i < a.length; i++) {
          a[i] = (double[]) x[i];
        }
        for (int i = 0; i < r.length; i++) {
          r[i] = (double[]) y[i];
        }
        doubles.run(a, r);
      };
    }
    return new Kernel() {
      @Override
      public void run(Object[] x, Object[] y) {
        float[][] a = new float[x.length][];
        float[][] r = new float[y.length][];
        for (int i = 0; i < a.length; i++) {
          a[i] = (float[]) Registers.wide(in.get(i).dtype(), x[i], in.get(i).shape().intSize());
        }
        for (int i = 0; i < r.length; i++) {
          r[i] = y[i] instanceof float[] f ? f : new float[out.get(i).shape().intSize()];
        }
        floats.run(a, r);
        for (int i = 0; i < r.length; i++) {
          if (r[i] != y[i]) {
            Registers.store(out.get(i).dtype(), r[i], 0, y[i], 0, r[i].length);
          }
        }
      }
    };
  }

  /** All inputs and outputs are floating; there is a kernel of doubles only. */
  static Kernel byDouble(List<TensorSpec> in, List<TensorSpec> out, Doubles doubles) {
    return (x, y) -> {
      double[][] a = new double[x.length][];
      double[][] r = new double[y.length][];
      for (int i = 0; i < a.length; i++) {
        a[i] = toDoubles(in.get(i), x[i]);
      }
      for (int i = 0; i < r.length; i++) {
        r[i] = y[i] instanceof double[] d ? d : new double[out.get(i).shape().intSize()];
      }
      doubles.run(a, r);
      for (int i = 0; i < r.length; i++) {
        fromDoubles(out.get(i), r[i], y[i]);
      }
    };
  }

  /** Stored floats as doubles; the array itself where it is that already. */
  static double[] toDoubles(TensorSpec spec, Object x) {
    if (x instanceof double[] d) {
      return d;
    }
    int n = spec.shape().intSize();
    float[] f = (float[]) Registers.wide(spec.dtype(), x, n);
    double[] r = new double[n];
    for (int i = 0; i < n; i++) {
      r[i] = f[i];
    }
    return r;
  }

  /** Doubles into storage, rounded; nothing to do where they are the storage. */
  static void fromDoubles(TensorSpec spec, double[] r, Object y) {
    if (r == y) {
      return;
    }
    if (Registers.kind(spec.dtype()) == Kind.DOUBLE) {
      System.arraycopy(r, 0, y, 0, r.length);
      return;
    }
    float[] f = y instanceof float[] own ? own : new float[r.length];
    for (int i = 0; i < f.length; i++) {
      f[i] = (float) r[i];
    }
    if (f != y) {
      Registers.store(spec.dtype(), f, 0, y, 0, f.length);
    }
  }
}
