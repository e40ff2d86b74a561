package io.weft.engine.op;

import io.weft.tensor.Shape;
import java.util.Arrays;

/** Strides of contiguous and broadcast arrays. */
final class Strides {
  private Strides() {}

  static int[] of(int[] dims) {
    int[] s = new int[dims.length];
    int n = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      s[i] = n;
      n *= Math.max(1, dims[i]);
    }
    return s;
  }

  /** Strides of x over the axes of a shape that it broadcasts to; 0 where it is repeated. */
  static int[] broadcast(Shape x, Shape to) {
    int[] own = of(x.dims());
    int[] s = new int[to.rank()];
    int lead = to.rank() - x.rank();
    for (int i = 0; i < x.rank(); i++) {
      s[lead + i] = x.dim(i) == 1 ? 0 : own[i];
    }
    return s;
  }

  /**
   * Joins neighboring axes that all stride arrays walk as one and drops axes of size 1: {sizes,
   * strides…}, of rank 1 at least.
   */
  static int[][] merge(int[] sizes, int[]... strides) {
    int k = strides.length;
    int[][] r = new int[k + 1][sizes.length + 1];
    int rank = 0;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == 1) {
        continue;
      }
      boolean join = rank > 0;
      for (int j = 0; join && j < k; j++) {
        join = r[j + 1][rank - 1] == (long) strides[j][i] * sizes[i];
      }
      int to = join ? rank - 1 : rank++;
      r[0][to] = join ? r[0][to] * sizes[i] : sizes[i];
      for (int j = 0; j < k; j++) {
        r[j + 1][to] = strides[j][i];
      }
    }
    if (rank == 0) {
      r[0][rank++] = 1;
    }
    for (int j = 0; j <= k; j++) {
      r[j] = Arrays.copyOf(r[j], rank);
    }
    return r;
  }
}
