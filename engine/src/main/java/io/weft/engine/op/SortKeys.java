package io.weft.engine.op;

import io.weft.tensor.DType;

/** Numbers of any dtype as longs in the same order; −0 equals 0. */
final class SortKeys {
  private SortKeys() {}

  /** Keys of n elements; NaN above all others, or below all where {@code nanHigh} is false. */
  static long[] of(DType d, Object x, int n, boolean nanHigh) {
    long[] k;
    switch (Registers.kind(d)) {
      case FLOAT:
        float[] f = (float[]) Registers.wide(d, x, n);
        k = new long[n];
        for (int i = 0; i < n; i++) {
          k[i] = key(f[i], nanHigh);
        }
        return k;
      case DOUBLE:
        k = new long[n];
        for (int i = 0; i < n; i++) {
          k[i] = key(((double[]) x)[i], nanHigh);
        }
        return k;
      default:
        k = ReductionKernels.longs(d, x, n);
        if (d == DType.UINT64) {
          k = k.clone();
          for (int i = 0; i < n; i++) {
            k[i] ^= Long.MIN_VALUE;
          }
        }
        return k;
    }
  }

  private static long key(double v, boolean nanHigh) {
    if (Double.isNaN(v)) {
      return nanHigh ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
    long b = Double.doubleToRawLongBits(v + 0.0);
    return b >= 0 ? b : Long.MIN_VALUE - b;
  }
}
