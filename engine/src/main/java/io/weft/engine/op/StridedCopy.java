package io.weft.engine.op;

import java.lang.reflect.Array;
import java.util.Arrays;

/**
 * Copies a block of elements between two arrays of one type, each walked with its own strides: the
 * one loop behind transpose, broadcast, slice, place, pad and concatenate.
 */
final class StridedCopy {
  private final int[] sizes;
  private final int[] from;
  private final int[] to;
  private final int fromStart;
  private final int toStart;
  private final boolean empty;

  StridedCopy(int[] sizes, int[] from, int fromStart, int[] to, int toStart) {
    boolean none = false;
    for (int s : sizes) {
      none |= s == 0;
    }
    int[][] merged = Strides.merge(sizes, from, to);
    this.sizes = merged[0];
    this.from = merged[1];
    this.to = merged[2];
    this.fromStart = fromStart;
    this.toStart = toStart;
    this.empty = none;
  }

  void run(Object x, Object y) {
    if (!empty) {
      walk(x, fromStart, y, toStart, 0);
    }
  }

  private void walk(Object x, int xo, Object y, int yo, int axis) {
    int n = sizes[axis];
    if (axis == sizes.length - 1) {
      row(x, xo, from[axis], y, yo, to[axis], n);
      return;
    }
    if (axis == sizes.length - 2 && from[axis] == 1 && to[axis + 1] == 1) {
      block(x, xo, y, yo, axis);
      return;
    }
    for (int i = 0; i < n; i++) {
      walk(x, xo + i * from[axis], y, yo + i * to[axis], axis + 1);
    }
  }

  /** Two axes whose order is swapped: in squares that stay in the cache. */
  private void block(Object x, int xo, Object y, int yo, int axis) {
    int side = 16;
    for (int i = 0; i < sizes[axis]; i += side) {
      int ni = Math.min(side, sizes[axis] - i);
      for (int j = 0; j < sizes[axis + 1]; j += side) {
        int nj = Math.min(side, sizes[axis + 1] - j);
        int xs = xo + i + j * from[axis + 1];
        int ys = yo + i * to[axis] + j;
        for (int k = 0; k < ni; k++) {
          row(x, xs + k, from[axis + 1], y, ys + k * to[axis], 1, nj);
        }
      }
    }
  }

  private static void row(Object x, int xo, int xs, Object y, int yo, int ys, int n) {
    if (xs == 1 && ys == 1) {
      System.arraycopy(x, xo, y, yo, n);
    } else if (xs == 0 && ys == 1) {
      repeat(x, xo, y, yo, n);
    } else if (x instanceof float[] a) {
      float[] b = (float[]) y;
      for (int i = 0; i < n; i++) {
        b[yo + i * ys] = a[xo + i * xs];
      }
    } else if (x instanceof double[] a) {
      double[] b = (double[]) y;
      for (int i = 0; i < n; i++) {
        b[yo + i * ys] = a[xo + i * xs];
      }
    } else if (x instanceof int[] a) {
      int[] b = (int[]) y;
      for (int i = 0; i < n; i++) {
        b[yo + i * ys] = a[xo + i * xs];
      }
    } else if (x instanceof long[] a) {
      long[] b = (long[]) y;
      for (int i = 0; i < n; i++) {
        b[yo + i * ys] = a[xo + i * xs];
      }
    } else if (x instanceof short[] a) {
      short[] b = (short[]) y;
      for (int i = 0; i < n; i++) {
        b[yo + i * ys] = a[xo + i * xs];
      }
    } else {
      byte[] a = (byte[]) x;
      byte[] b = (byte[]) y;
      for (int i = 0; i < n; i++) {
        b[yo + i * ys] = a[xo + i * xs];
      }
    }
  }

  private static void repeat(Object x, int xo, Object y, int yo, int n) {
    if (x instanceof float[] a) {
      Arrays.fill((float[]) y, yo, yo + n, a[xo]);
    } else if (x instanceof double[] a) {
      Arrays.fill((double[]) y, yo, yo + n, a[xo]);
    } else if (x instanceof int[] a) {
      Arrays.fill((int[]) y, yo, yo + n, a[xo]);
    } else if (x instanceof long[] a) {
      Arrays.fill((long[]) y, yo, yo + n, a[xo]);
    } else if (x instanceof short[] a) {
      Arrays.fill((short[]) y, yo, yo + n, a[xo]);
    } else {
      Arrays.fill((byte[]) y, yo, yo + n, ((byte[]) x)[xo]);
    }
  }

  /** Sets all elements of an array to one that another array begins with. */
  static void fill(Object y, Object first) {
    repeat(first, 0, y, 0, Array.getLength(y));
  }
}
