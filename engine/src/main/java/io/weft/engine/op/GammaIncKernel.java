package io.weft.engine.op;

import io.weft.tensor.GammaInc;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** The incomplete gamma function by its series, or by its continued fraction where x is large. */
final class GammaIncKernel {
  private static final int TERMS = 10_000;
  private static final double EPSILON = 0x1p-53;

  private GammaIncKernel() {}

  static void register(Kernels k) {
    k.put(GammaInc.class, GammaIncKernel::make);
  }

  private static Kernel make(GammaInc op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().intSize();
    return (x, y) -> {
      double[] a = new double[n];
      double[] b = new double[n];
      MatrixKernels.read(in.get(0).dtype(), x[0], 0, a);
      MatrixKernels.read(in.get(1).dtype(), x[1], 0, b);
      for (int i = 0; i < n; i++) {
        a[i] = value(a[i], b[i]);
      }
      MatrixKernels.write(out.get(0).dtype(), a, y[0], 0);
    };
  }

  static double value(double a, double x) {
    if (Double.isNaN(a) || Double.isNaN(x) || x < 0 || a <= 0) {
      return Double.NaN;
    }
    if (x == 0) {
      return 0;
    }
    if (x == Double.POSITIVE_INFINITY) {
      return 1;
    }
    double scale = Math.exp(a * Math.log(x) - x - SpecialMath.lgamma(a));
    return x < a + 1 ? scale * series(a, x) : 1 - scale * fraction(a, x);
  }

  private static double series(double a, double x) {
    double term = 1 / a;
    double sum = term;
    for (int k = 1; k < TERMS && term > sum * EPSILON; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return sum;
  }

  /** Lentz's evaluation of the upper function's continued fraction. */
  private static double fraction(double a, double x) {
    double b = x + 1 - a;
    double c = 1e300;
    double d = 1 / b;
    double h = d;
    for (int k = 1; k < TERMS; k++) {
      double an = -k * (k - a);
      b += 2;
      d = 1 / nonzero(an * d + b);
      c = nonzero(b + an / c);
      h *= d * c;
      if (Math.abs(d * c - 1) < EPSILON * 4) {
        break;
      }
    }
    return h;
  }

  private static double nonzero(double v) {
    return Math.abs(v) < 1e-300 ? 1e-300 : v;
  }
}
