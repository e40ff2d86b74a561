package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;

/**
 * Reductions of the middle axis of (outer, reduced, inner): {@code y[o·inner + i] = Σ_r
 * x[(o·reduced + r)·inner + i]}. Sums are blocked in an order that follows from the sizes alone. x
 * and y must not overlap.
 */
public final class ReduceKernels {
  private static final ArrayKernel ARRAYS = ArrayKernel.get();
  private static final int CHUNK = 1 << 15;
  private static final int RUN = 128; // rows added one by one before the partial sum is put away

  private ReduceKernels() {}

  /** Sum; an empty one is 0. */
  public static void sum(float[] x, int xo, float[] y, int yo, int outer, int reduced, int inner) {
    if (inner == 1) {
      rowSums(x, xo, y, yo, outer, reduced);
    } else if (inner > 0) {
      columnSums(x, xo, y, yo, outer, reduced, inner);
    }
  }

  /** Mean; NaN where nothing is reduced. */
  public static void mean(float[] x, int xo, float[] y, int yo, int outer, int reduced, int inner) {
    sum(x, xo, y, yo, outer, reduced, inner);
    for (int i = yo; i < yo + outer * inner; i++) {
      y[i] /= reduced;
    }
  }

  /** Largest value, NaN if there is one; -infinity where nothing is reduced. */
  public static void max(float[] x, int xo, float[] y, int yo, int outer, int reduced, int inner) {
    int perTask = Math.max(1, CHUNK / Math.max(1, reduced * Math.min(inner, CHUNK)));
    WorkerTeam.shared()
        .parallel(
            (outer + perTask - 1) / perTask,
            t -> {
              int end = Math.min(outer, (t + 1) * perTask);
              for (int o = t * perTask; o < end; o++) {
                if (inner == 1) {
                  y[yo + o] = ARRAYS.max(x, xo + o * reduced, reduced);
                } else {
                  maxOver(x, xo + o * reduced * inner, y, yo + o * inner, reduced, inner);
                }
              }
            });
  }

  private static void maxOver(float[] x, int xo, float[] y, int yo, int reduced, int inner) {
    Arrays.fill(y, yo, yo + inner, Float.NEGATIVE_INFINITY);
    for (int r = 0; r < reduced; r++) {
      int row = xo + r * inner;
      ARRAYS.maximum(x, row, y, yo, inner);
    }
  }

  private static void rowSums(float[] x, int xo, float[] y, int yo, int outer, int reduced) {
    if (reduced > CHUNK) {
      int chunks = (reduced + CHUNK - 1) / CHUNK;
      float[] partial = Scratch.take(outer * chunks);
      try {
        WorkerTeam.shared()
            .parallel(
                outer * chunks,
                t -> {
                  int from = t % chunks * CHUNK;
                  int n = Math.min(CHUNK, reduced - from);
                  partial[t] = ARRAYS.sum(x, xo + t / chunks * reduced + from, n);
                });
        for (int o = 0; o < outer; o++) {
          y[yo + o] = ARRAYS.sum(partial, o * chunks, chunks);
        }
      } finally {
        Scratch.give(partial);
      }
      return;
    }
    int perTask = Math.max(1, CHUNK / Math.max(1, reduced));
    WorkerTeam.shared()
        .parallel(
            (outer + perTask - 1) / perTask,
            t -> {
              int end = Math.min(outer, (t + 1) * perTask);
              for (int o = t * perTask; o < end; o++) {
                y[yo + o] = ARRAYS.sum(x, xo + o * reduced, reduced);
              }
            });
  }

  private static void columnSums(
      float[] x, int xo, float[] y, int yo, int outer, int reduced, int inner) {
    int rows = Math.max(RUN, CHUNK / inner);
    int chunks = Math.max(1, (reduced + rows - 1) / rows);
    if (chunks == 1) {
      int perTask = Math.max(1, CHUNK / Math.max(1, reduced * Math.min(inner, CHUNK)));
      WorkerTeam.shared()
          .parallel(
              (outer + perTask - 1) / perTask,
              t -> {
                int end = Math.min(outer, (t + 1) * perTask);
                for (int o = t * perTask; o < end; o++) {
                  addRows(x, xo + o * reduced * inner, reduced, inner, y, yo + o * inner);
                }
              });
      return;
    }
    float[] partial = Scratch.take(chunks * inner);
    try {
      for (int o = 0; o < outer; o++) {
        int base = xo + o * reduced * inner;
        WorkerTeam.shared()
            .parallel(
                chunks,
                t ->
                    addRows(
                        x,
                        base + t * rows * inner,
                        Math.min(rows, reduced - t * rows),
                        inner,
                        partial,
                        t * inner));
        addRows(partial, 0, chunks, inner, y, yo + o * inner);
      }
    } finally {
      Scratch.give(partial);
    }
  }

  /** {@code y = } sum of {@code rows} rows. */
  static void addRows(float[] x, int xo, int rows, int n, float[] y, int yo) {
    Arrays.fill(y, yo, yo + n, 0f);
    add(x, xo, rows, n, y, yo);
  }

  /** {@code y += } sum of {@code rows} rows of n. */
  public static void add(float[] x, int xo, int rows, int n, float[] y, int yo) {
    if (n == 1) {
      y[yo] += ARRAYS.sum(x, xo, rows);
      return;
    }
    for (int r = 0; r < rows; r += RUN) {
      ARRAYS.addRows(x, xo + r * n, Math.min(RUN, rows - r), n, y, yo);
    }
  }

  /** Sum of doubles. */
  public static void sum(
      double[] x, int xo, double[] y, int yo, int outer, int reduced, int inner) {
    double[] column = new double[reduced];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        for (int r = 0; r < reduced; r++) {
          column[r] = x[xo + (o * reduced + r) * inner + i];
        }
        y[yo + o * inner + i] = sum(column, 0, reduced);
      }
    }
  }

  /** Halves of a long run are added last, so the error grows with the logarithm of n. */
  private static double sum(double[] x, int o, int n) {
    if (n > 512) {
      int half = Integer.highestOneBit(n - 1);
      return sum(x, o, half) + sum(x, o + half, n - half);
    }
    double s = 0;
    for (int i = o; i < o + n; i++) {
      s += x[i];
    }
    return s;
  }

  /** Mean of doubles; NaN where nothing is reduced. */
  public static void mean(
      double[] x, int xo, double[] y, int yo, int outer, int reduced, int inner) {
    sum(x, xo, y, yo, outer, reduced, inner);
    for (int i = yo; i < yo + outer * inner; i++) {
      y[i] /= reduced;
    }
  }

  /** Largest double, NaN if there is one; -infinity where nothing is reduced. */
  public static void max(
      double[] x, int xo, double[] y, int yo, int outer, int reduced, int inner) {
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        double m = Double.NEGATIVE_INFINITY;
        for (int r = 0; r < reduced; r++) {
          m = Math.max(m, x[xo + (o * reduced + r) * inner + i]);
        }
        y[yo + o * inner + i] = m;
      }
    }
  }
}
