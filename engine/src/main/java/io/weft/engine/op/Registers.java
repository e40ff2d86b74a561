package io.weft.engine.op;

import io.weft.engine.thread.Scratch;
import io.weft.tensor.DType;
import io.weft.tensor.Half;
import java.util.Arrays;

/**
 * The four kinds of arrays that arithmetic is done in, and the conversions between them and the
 * storage of each dtype: float32 and halves as float, float64 as double, integers as long (unsigned
 * ones below 64 bits by their value, uint64 by its bits), bool as byte.
 */
final class Registers {
  enum Kind {
    FLOAT,
    DOUBLE,
    LONG,
    BYTE
  }

  private Registers() {}

  static Kind kind(DType d) {
    if (d == DType.FLOAT64) {
      return Kind.DOUBLE;
    }
    if (d.isFloating()) {
      return Kind.FLOAT;
    }
    return d.isBool() ? Kind.BYTE : Kind.LONG;
  }

  /** True where the storage's array is the register's array. */
  static boolean isDirect(DType d) {
    return d == DType.FLOAT32
        || d == DType.FLOAT64
        || d.isBool()
        || (d.isInteger() && d.bytes() == 8);
  }

  static Object allocate(Kind kind, int n) {
    switch (kind) {
      case FLOAT:
        return new float[n];
      case DOUBLE:
        return new double[n];
      case LONG:
        return new long[n];
      default:
        return new byte[n];
    }
  }

  /** A register of at least n elements with arbitrary contents, to be given back. */
  static Object take(Kind kind, int n) {
    return kind == Kind.FLOAT ? Scratch.take(n) : allocate(kind, n);
  }

  static void give(Object register) {
    if (register instanceof float[] f) {
      Scratch.give(f);
    }
  }

  /** Stored elements into a register. */
  static void load(DType d, Object x, int xo, Object r, int ro, int n) {
    switch (d) {
      case FLOAT16:
        for (int i = 0; i < n; i++) {
          ((float[]) r)[ro + i] = Half.float16ToFloat(((short[]) x)[xo + i]);
        }
        break;
      case BFLOAT16:
        for (int i = 0; i < n; i++) {
          ((float[]) r)[ro + i] = Half.bfloat16ToFloat(((short[]) x)[xo + i]);
        }
        break;
      case INT8:
        for (int i = 0; i < n; i++) {
          ((long[]) r)[ro + i] = ((byte[]) x)[xo + i];
        }
        break;
      case UINT8:
        for (int i = 0; i < n; i++) {
          ((long[]) r)[ro + i] = ((byte[]) x)[xo + i] & 0xff;
        }
        break;
      case INT16:
        for (int i = 0; i < n; i++) {
          ((long[]) r)[ro + i] = ((short[]) x)[xo + i];
        }
        break;
      case UINT16:
        for (int i = 0; i < n; i++) {
          ((long[]) r)[ro + i] = ((short[]) x)[xo + i] & 0xffff;
        }
        break;
      case INT32:
        for (int i = 0; i < n; i++) {
          ((long[]) r)[ro + i] = ((int[]) x)[xo + i];
        }
        break;
      case UINT32:
        for (int i = 0; i < n; i++) {
          ((long[]) r)[ro + i] = ((int[]) x)[xo + i] & 0xffffffffL;
        }
        break;
      default:
        System.arraycopy(x, xo, r, ro, n);
    }
  }

  /** A register into storage; halves round to nearest even, integers keep their low bits. */
  static void store(DType d, Object r, int ro, Object y, int yo, int n) {
    switch (d) {
      case FLOAT16:
        for (int i = 0; i < n; i++) {
          ((short[]) y)[yo + i] = Half.floatToFloat16(((float[]) r)[ro + i]);
        }
        break;
      case BFLOAT16:
        for (int i = 0; i < n; i++) {
          ((short[]) y)[yo + i] = Half.floatToBfloat16(((float[]) r)[ro + i]);
        }
        break;
      case INT8:
      case UINT8:
        for (int i = 0; i < n; i++) {
          ((byte[]) y)[yo + i] = (byte) ((long[]) r)[ro + i];
        }
        break;
      case INT16:
      case UINT16:
        for (int i = 0; i < n; i++) {
          ((short[]) y)[yo + i] = (short) ((long[]) r)[ro + i];
        }
        break;
      case INT32:
      case UINT32:
        for (int i = 0; i < n; i++) {
          ((int[]) y)[yo + i] = (int) ((long[]) r)[ro + i];
        }
        break;
      default:
        System.arraycopy(r, ro, y, yo, n);
    }
  }

  /** Rounds a register to what the dtype can hold, in place. */
  static void settle(DType d, Object r, int ro, int n) {
    switch (d) {
      case FLOAT16:
        for (int i = ro; i < ro + n; i++) {
          ((float[]) r)[i] = Half.float16ToFloat(Half.floatToFloat16(((float[]) r)[i]));
        }
        break;
      case BFLOAT16:
        for (int i = ro; i < ro + n; i++) {
          ((float[]) r)[i] = Half.bfloat16ToFloat(Half.floatToBfloat16(((float[]) r)[i]));
        }
        break;
      case INT8:
        for (int i = ro; i < ro + n; i++) {
          ((long[]) r)[i] = (byte) ((long[]) r)[i];
        }
        break;
      case INT16:
        for (int i = ro; i < ro + n; i++) {
          ((long[]) r)[i] = (short) ((long[]) r)[i];
        }
        break;
      case INT32:
        for (int i = ro; i < ro + n; i++) {
          ((long[]) r)[i] = (int) ((long[]) r)[i];
        }
        break;
      case UINT8:
      case UINT16:
      case UINT32:
        long mask = (1L << 8 * d.bytes()) - 1;
        for (int i = ro; i < ro + n; i++) {
          ((long[]) r)[i] &= mask;
        }
        break;
      default:
    }
  }

  /** A whole stored array in its register kind: the array itself where it is that already. */
  static Object wide(DType d, Object x, int n) {
    if (isDirect(d)) {
      return x;
    }
    Object r = allocate(kind(d), n);
    load(d, x, 0, r, 0, n);
    return r;
  }

  /** Repeats the element at {@code from} until {@code to}. */
  static void repeat(Object r, int from, int to) {
    if (r instanceof float[] f) {
      Arrays.fill(f, from, to, f[from]);
    } else if (r instanceof double[] d) {
      Arrays.fill(d, from, to, d[from]);
    } else if (r instanceof long[] l) {
      Arrays.fill(l, from, to, l[from]);
    } else {
      byte[] b = (byte[]) r;
      Arrays.fill(b, from, to, b[from]);
    }
  }
}
