package io.weft.engine.op;

import io.weft.engine.op.Registers.Kind;
import io.weft.engine.op.TileProgram.Loop;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Half;
import io.weft.tensor.UnaryFunction;

/** The loop of an element function for a dtype. */
final class Loops {
  private Loops() {}

  static Loop unary(UnaryFunction f, DType d) {
    Kind kind = Registers.kind(d);
    if (f.toBool()) {
      return test(f, d, kind);
    }
    switch (kind) {
      case FLOAT:
        return (a, ao, b, bo, c, co, y, yo, n) ->
            FloatLoops.unary(f, (float[]) a, ao, (float[]) y, yo, n);
      case DOUBLE:
        return (a, ao, b, bo, c, co, y, yo, n) -> {
          double[] x = (double[]) a;
          double[] r = (double[]) y;
          for (int i = 0; i < n; i++) {
            r[yo + i] = ScalarMath.unary(f, x[ao + i]);
          }
        };
      case LONG:
        boolean unsigned = d.isUnsigned();
        return (a, ao, b, bo, c, co, y, yo, n) -> {
          long[] x = (long[]) a;
          long[] r = (long[]) y;
          for (int i = 0; i < n; i++) {
            r[yo + i] = IntegerMath.unary(f, x[ao + i], unsigned);
          }
        };
      default: // the only function of bools that is no test is BITWISE_NOT
        return Loops::not;
    }
  }

  private static void not(
      Object a, int ao, Object b, int bo, Object c, int co, Object y, int yo, int n) {
    byte[] x = (byte[]) a;
    byte[] r = (byte[]) y;
    for (int i = 0; i < n; i++) {
      r[yo + i] = (byte) (x[ao + i] == 0 ? 1 : 0);
    }
  }

  private static Loop test(UnaryFunction f, DType d, Kind kind) {
    switch (kind) {
      case FLOAT:
        return (a, ao, b, bo, c, co, y, yo, n) -> {
          float[] x = (float[]) a;
          byte[] r = (byte[]) y;
          for (int i = 0; i < n; i++) {
            r[yo + i] = bit(ScalarMath.test(f, x[ao + i]));
          }
        };
      case DOUBLE:
        return (a, ao, b, bo, c, co, y, yo, n) -> {
          double[] x = (double[]) a;
          byte[] r = (byte[]) y;
          for (int i = 0; i < n; i++) {
            r[yo + i] = bit(ScalarMath.test(f, x[ao + i]));
          }
        };
      case LONG: // SIGNBIT
        boolean signed = !d.isUnsigned();
        return (a, ao, b, bo, c, co, y, yo, n) -> {
          long[] x = (long[]) a;
          byte[] r = (byte[]) y;
          for (int i = 0; i < n; i++) {
            r[yo + i] = bit(signed && x[ao + i] < 0);
          }
        };
      default:
        return Loops::not;
    }
  }

  static byte bit(boolean b) {
    return (byte) (b ? 1 : 0);
  }

  static Loop binary(BinaryFunction f, DType d) {
    if (f == BinaryFunction.NEXTAFTER && d.isHalf()) {
      return nextHalf(d);
    }
    switch (Registers.kind(d)) {
      case FLOAT:
        return f.toBool()
            ? (a, ao, b, bo, c, co, y, yo, n) ->
                FloatLoops.compare(f, (float[]) a, ao, (float[]) b, bo, (byte[]) y, yo, n)
            : (a, ao, b, bo, c, co, y, yo, n) ->
                FloatLoops.binary(f, (float[]) a, ao, (float[]) b, bo, (float[]) y, yo, n);
      case DOUBLE:
        return f.toBool() ? compareDoubles(f) : doubles(f);
      case LONG:
        return f.toBool() ? compareLongs(f, d) : longs(f, d);
      default:
        return bits(f);
    }
  }

  private static Loop doubles(BinaryFunction f) {
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      double[] x = (double[]) a;
      double[] z = (double[]) b;
      double[] r = (double[]) y;
      for (int i = 0; i < n; i++) {
        r[yo + i] = ScalarMath.binary(f, x[ao + i], z[bo + i]);
      }
    };
  }

  private static Loop compareDoubles(BinaryFunction f) {
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      double[] x = (double[]) a;
      double[] z = (double[]) b;
      byte[] r = (byte[]) y;
      for (int i = 0; i < n; i++) {
        r[yo + i] = bit(ScalarMath.compare(f, x[ao + i], z[bo + i]));
      }
    };
  }

  private static Loop longs(BinaryFunction f, DType d) {
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      long[] x = (long[]) a;
      long[] z = (long[]) b;
      long[] r = (long[]) y;
      for (int i = 0; i < n; i++) {
        r[yo + i] = IntegerMath.binary(f, x[ao + i], z[bo + i], d);
      }
    };
  }

  private static Loop compareLongs(BinaryFunction f, DType d) {
    boolean unsigned = d == DType.UINT64;
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      long[] x = (long[]) a;
      long[] z = (long[]) b;
      byte[] r = (byte[]) y;
      for (int i = 0; i < n; i++) {
        r[yo + i] = bit(IntegerMath.compare(f, x[ao + i], z[bo + i], unsigned));
      }
    };
  }

  /** Functions of two bools by their truth table: bit 2a + b of a number. */
  private static Loop bits(BinaryFunction f) {
    int table = truth(f);
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      byte[] x = (byte[]) a;
      byte[] z = (byte[]) b;
      byte[] r = (byte[]) y;
      for (int i = 0; i < n; i++) {
        r[yo + i] = (byte) (table >> (2 * x[ao + i] + z[bo + i]) & 1);
      }
    };
  }

  private static int truth(BinaryFunction f) {
    switch (f) {
      case EQUAL:
        return 0b1001;
      case NOT_EQUAL:
      case LOGICAL_XOR:
      case BITWISE_XOR:
        return 0b0110;
      case LESS:
        return 0b0010;
      case LESS_EQUAL:
        return 0b1011;
      case GREATER:
        return 0b0100;
      case GREATER_EQUAL:
        return 0b1101;
      case LOGICAL_AND:
      case BITWISE_AND:
      case GCD:
      case LCM:
        return f == BinaryFunction.GCD ? 0b1110 : 0b1000;
      case LOGICAL_OR:
      case BITWISE_OR:
        return 0b1110;
      case LEFT_SHIFT:
      case RIGHT_SHIFT:
        return f == BinaryFunction.LEFT_SHIFT ? 0b1100 : 0b0100;
      default:
        throw new IllegalArgumentException(f + " is not a function of bools");
    }
  }

  private static Loop nextHalf(DType d) {
    boolean ieee = d == DType.FLOAT16;
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      for (int i = 0; i < n; i++) {
        float from = ((float[]) a)[ao + i];
        float to = ((float[]) b)[bo + i];
        ((float[]) y)[yo + i] = nextHalf(from, to, ieee);
      }
    };
  }

  private static float nextHalf(float from, float to, boolean ieee) {
    if (Float.isNaN(from) || Float.isNaN(to)) {
      return Float.NaN;
    }
    if (from == to) {
      return to;
    }
    int bits = ieee ? Half.floatToFloat16(from) : Half.floatToBfloat16(from);
    int next;
    if (from == 0) {
      next = to > 0 ? 1 : 0x8001;
    } else {
      next = to > from == from > 0 ? bits + 1 : bits - 1;
    }
    return ieee ? Half.float16ToFloat((short) next) : Half.bfloat16ToFloat((short) next);
  }
}
