package io.weft.engine.op;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.UnaryFunction;

/** The element functions in double: the reference that faster loops are measured against. */
final class ScalarMath {
  private static final double LN2 = Math.log(2);

  private ScalarMath() {}

  static double unary(UnaryFunction f, double x) {
    switch (f) {
      case ABSOLUTE:
        return Math.abs(x);
      case NEGATIVE:
        return -x;
      case SIGN:
        return Math.signum(x);
      case SQUARE:
        return x * x;
      case RECIPROCAL:
        return 1 / x;
      case SQRT:
        return Math.sqrt(x);
      case RSQRT:
        return 1 / Math.sqrt(x);
      case CBRT:
        return Math.cbrt(x);
      case EXP:
        return Math.exp(x);
      case EXP2:
        return Math.pow(2, x);
      case EXPM1:
        return Math.expm1(x);
      case LOG:
        return Math.log(x);
      case LOG1P:
        return Math.log1p(x);
      case LOG2:
        return log2(x);
      case LOG10:
        return Math.log10(x);
      case SIN:
        return Math.sin(x);
      case COS:
        return Math.cos(x);
      case TAN:
        return Math.tan(x);
      case ARCSIN:
        return Math.asin(x);
      case ARCCOS:
        return Math.acos(x);
      case ARCTAN:
        return Math.atan(x);
      case SINH:
        return Math.sinh(x);
      case COSH:
        return Math.cosh(x);
      case TANH:
        return Math.tanh(x);
      case ARCSINH:
        return arcsinh(x);
      case ARCCOSH:
        return arccosh(x);
      case ARCTANH:
        return Math.copySign(0.5 * Math.log1p(2 * Math.abs(x) / (1 - Math.abs(x))), x);
      case ERF:
        return SpecialMath.erf(x);
      case ERFC:
        return SpecialMath.erfc(x);
      case ERFINV:
        return SpecialMath.erfinv(x);
      case LGAMMA:
        return SpecialMath.lgamma(x);
      case DIGAMMA:
        return SpecialMath.digamma(x);
      case I0:
        return SpecialMath.bessel(0, x);
      case I1:
        return SpecialMath.bessel(1, x);
      case SIGMOID:
        return 1 / (1 + Math.exp(-x));
      case SOFTPLUS:
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      case RELU:
        return x <= 0 ? 0 : x;
      case GELU:
        return 0.5 * x * SpecialMath.erfc(-x * Math.sqrt(0.5));
      case GELU_SLOPE:
        double a = Math.max(-40, Math.min(x, 40)); // past both limits; NaN stays
        return 0.5 * SpecialMath.erfc(-a * Math.sqrt(0.5))
            + a * Math.exp(-0.5 * a * a) / Math.sqrt(2 * Math.PI);
      case SILU:
        return x / (1 + Math.exp(-x)); // NaN at -infinity, as TensorFlow
      case FLOOR:
        return Math.floor(x);
      case CEIL:
        return Math.ceil(x);
      case ROUND:
        return Math.rint(x);
      case TRUNC:
        return x < 0 ? Math.ceil(x) : Math.floor(x);
      default:
        throw new IllegalArgumentException(f + " does not give a float");
    }
  }

  static boolean test(UnaryFunction f, double x) {
    switch (f) {
      case IS_NAN:
        return Double.isNaN(x);
      case IS_INF:
        return Double.isInfinite(x);
      case IS_FINITE:
        return Double.isFinite(x);
      case SIGNBIT:
        return Double.doubleToRawLongBits(x) < 0;
      default:
        throw new IllegalArgumentException(f + " is no test");
    }
  }

  static double binary(BinaryFunction f, double a, double b) {
    switch (f) {
      case ADD:
        return a + b;
      case SUBTRACT:
        return a - b;
      case MULTIPLY:
        return a * b;
      case DIVIDE:
        return a / b;
      case FLOOR_DIVIDE:
        return Math.floor(a / b);
      case MOD:
        double r = a % b;
        return r != 0 && b < 0 != r < 0 ? r + b : r;
      case FMOD:
        return a % b;
      case POWER:
        return power(a, b);
      case MAXIMUM:
        return Math.max(a, b);
      case MINIMUM:
        return Math.min(a, b);
      case ARCTAN2:
        return Math.atan2(a, b);
      case HYPOT:
        return Math.hypot(a, b);
      case NEXTAFTER:
        return Math.nextAfter(a, b);
      case COPYSIGN:
        return Math.copySign(a, b);
      default:
        throw new IllegalArgumentException(f + " is not a function of floats");
    }
  }

  static boolean compare(BinaryFunction f, double a, double b) {
    switch (f) {
      case EQUAL:
        return a == b;
      case NOT_EQUAL:
        return a != b;
      case LESS:
        return a < b;
      case LESS_EQUAL:
        return a <= b;
      case GREATER:
        return a > b;
      case GREATER_EQUAL:
        return a >= b;
      default:
        throw new IllegalArgumentException(f + " is no comparison");
    }
  }

  /** As C's pow: Java gives NaN for 1 to any power of NaN and for ±1 to infinite powers. */
  private static double power(double a, double b) {
    if (a == 1 || (a == -1 && Double.isInfinite(b))) {
      return 1;
    }
    return Math.pow(a, b);
  }

  /** Exact for powers of two. */
  private static double log2(double x) {
    if (!(x > 0) || x == Double.POSITIVE_INFINITY) {
      return Math.log(x);
    }
    int e = Math.getExponent(x);
    if (e < Double.MIN_EXPONENT || e > 1000) {
      return Math.log(x) / LN2;
    }
    double m = Math.scalb(x, -e);
    return m > 1.4 ? e + 1 + Math.log(m / 2) / LN2 : e + Math.log(m) / LN2;
  }

  private static double arcsinh(double x) {
    double a = Math.abs(x);
    double y;
    if (a > 1e150) {
      y = Math.log(a) + LN2;
    } else {
      y = Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
    }
    return Math.copySign(y, x);
  }

  private static double arccosh(double x) {
    if (!(x >= 1)) {
      return Double.NaN;
    }
    if (x > 1e150) {
      return Math.log(x) + LN2;
    }
    double t = x - 1;
    return Math.log1p(t + Math.sqrt(t * (x + 1)));
  }
}
