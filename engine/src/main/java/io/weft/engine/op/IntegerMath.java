package io.weft.engine.op;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.UnaryFunction;

/**
 * The element functions on integers held in longs; results are cut to the dtype's width afterwards.
 */
final class IntegerMath {
  private IntegerMath() {}

  static long unary(UnaryFunction f, long x, boolean unsigned) {
    switch (f) {
      case ABSOLUTE:
        return unsigned ? x : Math.abs(x);
      case NEGATIVE:
        return -x;
      case SIGN:
        return unsigned ? (x == 0 ? 0 : 1) : Long.signum(x);
      case SQUARE:
        return x * x;
      case RELU:
        return unsigned ? x : Math.max(x, 0);
      case BITWISE_NOT:
        return ~x;
      default:
        throw new IllegalArgumentException(f + " is not a function of integers");
    }
  }

  static long binary(BinaryFunction f, long a, long b, DType d) {
    boolean wide = d == DType.UINT64;
    switch (f) {
      case ADD:
        return a + b;
      case SUBTRACT:
        return a - b;
      case MULTIPLY:
        return a * b;
      case FLOOR_DIVIDE:
        return b == 0 ? 0 : wide ? Long.divideUnsigned(a, b) : Math.floorDiv(a, b);
      case MOD:
        return b == 0 ? 0 : wide ? Long.remainderUnsigned(a, b) : Math.floorMod(a, b);
      case FMOD:
        return b == 0 ? 0 : wide ? Long.remainderUnsigned(a, b) : a % b;
      case POWER:
        return power(a, b, d.isUnsigned());
      case MAXIMUM:
        return less(a, b, wide) ? b : a;
      case MINIMUM:
        return less(b, a, wide) ? b : a;
      case GCD:
        return gcd(a, b, wide);
      case LCM:
        long g = gcd(a, b, wide);
        if (g == 0) {
          return 0;
        }
        return wide ? Long.divideUnsigned(a, g) * b : Math.abs(a / g * b);
      case BITWISE_AND:
        return a & b;
      case BITWISE_OR:
        return a | b;
      case BITWISE_XOR:
        return a ^ b;
      case LEFT_SHIFT:
        return a << shift(b, d);
      case RIGHT_SHIFT:
        return wide ? a >>> shift(b, d) : a >> shift(b, d);
      default:
        throw new IllegalArgumentException(f + " is not a function of integers");
    }
  }

  static boolean compare(BinaryFunction f, long a, long b, boolean unsigned64) {
    switch (f) {
      case EQUAL:
        return a == b;
      case NOT_EQUAL:
        return a != b;
      case LESS:
        return less(a, b, unsigned64);
      case LESS_EQUAL:
        return !less(b, a, unsigned64);
      case GREATER:
        return less(b, a, unsigned64);
      case GREATER_EQUAL:
        return !less(a, b, unsigned64);
      default:
        throw new IllegalArgumentException(f + " is no comparison");
    }
  }

  static boolean less(long a, long b, boolean unsigned64) {
    return unsigned64 ? a + Long.MIN_VALUE < b + Long.MIN_VALUE : a < b;
  }

  /** Shifts beyond the width are held to it, as TensorFlow does. */
  private static int shift(long by, DType d) {
    int most = 8 * d.bytes() - 1;
    if (d == DType.UINT64 && by < 0) {
      return most;
    }
    return (int) Math.max(0, Math.min(by, most));
  }

  /** Wrapping power; a negative exponent leaves what truncation leaves: 0, or ±1 for ±1. */
  private static long power(long a, long b, boolean unsigned) {
    if (b < 0 && !unsigned) {
      return a == 1 ? 1 : a == -1 ? ((b & 1) == 0 ? 1 : -1) : 0;
    }
    long r = 1;
    long base = a;
    for (long e = b; e != 0; e >>>= 1) {
      if ((e & 1) != 0) {
        r *= base;
      }
      base *= base;
    }
    return r;
  }

  private static long gcd(long a, long b, boolean unsigned64) {
    while (b != 0) {
      long r = unsigned64 ? Long.remainderUnsigned(a, b) : a % b;
      a = b;
      b = r;
    }
    return unsigned64 ? a : Math.abs(a);
  }
}
