package io.weft.engine.op;

/** Special functions in double. Sources: Abramowitz and Stegun 6, 7, 9. */
final class SpecialMath {
  private static final double TWO_BY_ROOT_PI = 2 / Math.sqrt(Math.PI);

  private SpecialMath() {}

  static double erf(double x) {
    double a = Math.abs(x);
    if (a < 2) {
      return series(x);
    }
    return Double.isNaN(x) ? x : Math.copySign(1 - tail(a), x);
  }

  static double erfc(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    if (x < 0.5) {
      return x < -2 ? 2 - tail(-x) : 1 - series(x);
    }
    return tail(x);
  }

  /** 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!; all terms have one sign. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    double xx = 2 * x * x;
    for (int n = 3; Math.abs(term) > 1e-18 * Math.abs(sum); n += 2) {
      term *= xx / n;
      sum += term;
    }
    return TWO_BY_ROOT_PI * Math.exp(-x * x) * sum;
  }

  /** erfc for x ≥ 0.5 by the continued fraction, evaluated from a depth that suits x. */
  private static double tail(double x) {
    if (x > 27.5) {
      return 0;
    }
    int depth = 8 + (int) (220 / (x * x));
    double f = x;
    for (int k = depth; k >= 1; k--) {
      f = x + 0.5 * k / f;
    }
    return TWO_BY_ROOT_PI / 2 * expOfMinusSquare(x) / f;
  }

  /** e^(−x²) without the error of rounding x². */
  private static double expOfMinusSquare(double x) {
    double high = Math.rint(x * 1024) / 1024;
    return Math.exp(-high * high) * Math.exp((high - x) * (high + x));
  }

  /** The inverse of erf, by Newton steps (Halley's form) from Winitzki's approximation. */
  static double erfinv(double y) {
    double a = Math.abs(y);
    if (!(a < 1)) {
      return a == 1 ? Math.copySign(Double.POSITIVE_INFINITY, y) : Double.NaN;
    }
    if (a == 0) {
      return y;
    }
    double l = Math.log1p(-a * a);
    double t = 2 / (Math.PI * 0.147) + l / 2;
    double x = Math.sqrt(Math.sqrt(t * t - l / 0.147) - t);
    if (a < 1e-4) {
      x = a / TWO_BY_ROOT_PI;
    }
    for (int i = 0; i < 4; i++) {
      double error = a < 0.5 ? erf(x) - a : (1 - a) - erfc(x);
      double step = error / (TWO_BY_ROOT_PI * Math.exp(-x * x));
      x -= step / (1 + x * step);
    }
    return Math.copySign(x, y);
  }

  /** log |Γ(x)|. */
  static double lgamma(double x) {
    if (Double.isNaN(x) || x == Double.POSITIVE_INFINITY) {
      return x;
    }
    if (x <= 0) {
      if (x == Math.rint(x)) {
        return Double.POSITIVE_INFINITY;
      }
      double s = Math.abs(Math.sin(Math.PI * (x - 2 * Math.rint(x / 2))));
      return Math.log(Math.PI / s) - lgamma(1 - x);
    }
    if (x > 1e17) {
      return x * (Math.log(x) - 1);
    }
    double shift = 1;
    double z = x;
    while (z < 15) {
      shift *= z;
      z += 1;
    }
    double r = 1 / (z * z);
    double tail =
        (1.0 / 12
                - r
                    * (1.0 / 360
                        - r
                            * (1.0 / 1260
                                - r * (1.0 / 1680 - r * (1.0 / 1188 - r * 691 / 360360)))))
            / z;
    return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + tail - Math.log(shift);
  }

  /** The derivative of log Γ. */
  static double digamma(double x) {
    if (x <= 0) {
      if (x == Math.rint(x)) {
        return Double.NaN;
      }
      return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.rint(x)));
    }
    double sum = 0;
    double z = x;
    while (z < 15) {
      sum -= 1 / z;
      z += 1;
    }
    double r = 1 / (z * z);
    double tail =
        r
            * (1.0 / 12
                - r
                    * (1.0 / 120
                        - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * 691 / 32760)))));
    return sum + Math.log(z) - 0.5 / z - tail;
  }

  /** The modified Bessel function of the first kind of order 0 or 1. */
  static double bessel(int order, double x) {
    double a = Math.abs(x);
    double y = a < 40 ? besselSeries(order, a) : besselAsymptotic(order, a);
    return order == 1 ? Math.copySign(y, x) : y;
  }

  private static double besselSeries(int order, double x) {
    double q = x * x / 4;
    double term = order == 0 ? 1 : x / 2;
    double sum = term;
    for (int k = 1; term > 1e-18 * sum; k++) {
      term *= q / ((double) k * (k + order));
      sum += term;
    }
    return Double.isNaN(x) ? x : sum;
  }

  private static double besselAsymptotic(int order, double x) {
    double mu = 4.0 * order * order;
    double term = 1;
    double sum = 1;
    for (int k = 1; k < 30; k++) {
      int odd = 2 * k - 1;
      term *= (odd * odd - mu) / (8 * x * k);
      sum += term;
    }
    double half = Math.exp(x / 2);
    return half * (half / Math.sqrt(2 * Math.PI * x)) * sum;
  }
}
