package io.weft.engine.kernel;

import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Kernels over {@code rows} rows of {@code n} adjacent floats. The result may be the input at the
 * same offset unless said otherwise; parameters gamma and beta may be null (ones, zeros).
 */
public final class RowKernels {
  private static final ArrayKernel ARRAYS = ArrayKernel.get();
  private static final int TASK = 1 << 14; // elements in a task

  private RowKernels() {}

  /** Work on one row. */
  private interface Row {
    void at(int row);
  }

  private static void each(int rows, int n, Row body) {
    int perTask = Math.max(1, TASK / Math.max(1, n));
    WorkerTeam.shared()
        .parallel(
            (rows + perTask - 1) / perTask,
            t -> {
              int end = Math.min(rows, (t + 1) * perTask);
              for (int r = t * perTask; r < end; r++) {
                body.at(r);
              }
            });
  }

  /** Work on some rows. */
  private interface Rows {
    void at(int first, int count);
  }

  private static void blocks(int rows, int n, Rows body) {
    int perTask = Math.max(1, TASK / Math.max(1, n));
    WorkerTeam.shared()
        .parallel(
            (rows + perTask - 1) / perTask,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                body.at(t * perTask, Math.min(perTask, rows - t * perTask));
              }
            });
  }

  /** {@code y = e^x / Σ e^x}; NaN and infinity make NaN at their place, 0 elsewhere in the row. */
  public static void softmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
    RowLoops loops = RowLoops.of(rows, n);
    blocks(
        rows,
        n,
        new Rows() {
          @Override
          public void at(int r, int count) {
            loops.softmax(x, xo + r * n, y, yo + r * n, null, 0, null, 0, count, n);
          }
        });
  }

  /** {@code y = e^(x - max x)}; returns the sum of y. */
  private static float expShifted(float[] x, int xo, float[] y, int yo, int n) {
    float max = ARRAYS.max(x, xo, n);
    ARRAYS.affine(x, xo, 1f, -max, y, yo, n);
    MathF.exp(y, yo, y, yo, n);
    return ARRAYS.sum(y, yo, n);
  }

  /** {@code dx = y (dy - Σ dy y)}, y the softmax. dx may be dy. */
  public static void softmaxGradient(
      float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int rows, int n) {
    each(
        rows,
        n,
        r -> {
          int o = r * n;
          float dot = ARRAYS.dot(y, yo + o, dy, dyo + o, n);
          ARRAYS.centeredProduct(y, yo + o, dy, dyo + o, dot, dx, dxo + o, n);
        });
  }

  /** {@code y = x - log Σ e^x}. */
  public static void logSoftmax(float[] x, int xo, float[] y, int yo, int rows, int n) {
    RowLoops loops = RowLoops.of(rows, n);
    blocks(rows, n, (r, count) -> loops.logSoftmax(x, xo + r * n, y, yo + r * n, count, n));
  }

  /** {@code dx = dy - e^y Σ dy}, y the log-softmax. dx may be dy but not y. */
  public static void logSoftmaxGradient(
      float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int rows, int n) {
    each(
        rows,
        n,
        r -> {
          float[] e = Scratch.take(n);
          try {
            int o = r * n;
            float sum = ARRAYS.sum(dy, dyo + o, n);
            MathF.exp(y, yo + o, e, 0, n);
            for (int i = 0; i < n; i++) {
              dx[dxo + o + i] = dy[dyo + o + i] - e[i] * sum;
            }
          } finally {
            Scratch.give(e);
          }
        });
  }

  /** {@code y[r] = log Σ e^x} of row r; -infinity for an empty row. */
  public static void logSumExp(float[] x, int xo, float[] y, int yo, int rows, int n) {
    each(
        rows,
        n,
        r -> {
          float max = ARRAYS.max(x, xo + r * n, n);
          if (Float.isInfinite(max)) {
            y[yo + r] = max;
            return;
          }
          float[] e = Scratch.take(n);
          try {
            y[yo + r] = max + MathF.log(expShifted(x, xo + r * n, e, 0, n));
          } finally {
            Scratch.give(e);
          }
        });
  }

  /** {@code dx = e^(x - y[r]) dy[r]}, y the log-sum-exp. dx may be x. */
  public static void logSumExpGradient(
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo,
      int rows,
      int n) {
    each(
        rows,
        n,
        r -> {
          int o = dxo + r * n;
          for (int i = 0; i < n; i++) {
            dx[o + i] = x[xo + r * n + i] - y[yo + r];
          }
          MathF.exp(dx, o, dx, o, n);
          for (int i = o; i < o + n; i++) {
            dx[i] *= dy[dyo + r];
          }
        });
  }

  /**
   * {@code y = (x - mean) rstd γ + β} with {@code rstd = 1 / sqrt(variance + ε)} of the row.
   *
   * @param mean one value for each row, from {@code meanOffset} on (written), may be null
   * @param rstd as mean
   */
  public static void layerNorm(
      float[] x,
      int xo,
      float[] gamma,
      int gammaOffset,
      float[] beta,
      int betaOffset,
      float epsilon,
      float[] y,
      int yo,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset,
      int rows,
      int n) {
    norm(
        true,
        x,
        xo,
        gamma,
        gammaOffset,
        beta,
        betaOffset,
        epsilon,
        y,
        yo,
        mean,
        meanOffset,
        rstd,
        rstdOffset,
        rows,
        n);
  }

  private static void norm(
      boolean centered,
      float[] x,
      int xo,
      float[] gamma,
      int go,
      float[] beta,
      int bo,
      float epsilon,
      float[] y,
      int yo,
      float[] mean,
      int mo,
      float[] rstd,
      int so,
      int rows,
      int n) {
    RowLoops loops = RowLoops.of(rows, n);
    blocks(
        rows,
        n,
        (r, count) ->
            loops.norm(
                centered,
                x,
                xo + r * n,
                gamma,
                go,
                beta,
                bo,
                epsilon,
                y,
                yo + r * n,
                mean,
                mo + r,
                rstd,
                so + r,
                count,
                n));
  }

  /**
   * {@code y = x rstd γ} with {@code rstd = 1 / sqrt(mean x² + ε)} of the row.
   *
   * @param rstd one value for each row (written), may be null
   */
  public static void rmsNorm(
      float[] x,
      int xo,
      float[] gamma,
      int gammaOffset,
      float epsilon,
      float[] y,
      int yo,
      float[] rstd,
      int rstdOffset,
      int rows,
      int n) {
    norm(
        false,
        x,
        xo,
        gamma,
        gammaOffset,
        null,
        0,
        epsilon,
        y,
        yo,
        null,
        0,
        rstd,
        rstdOffset,
        rows,
        n);
  }

  /**
   * Gradients of {@link #layerNorm}, or of {@link #rmsNorm} when {@code mean} is null. dx may be
   * dy; dgamma and dbeta are overwritten, each may be null.
   */
  public static void normGradient(
      float[] x,
      int xo,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset,
      float[] gamma,
      int gammaOffset,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo,
      float[] dgamma,
      int dgammaOffset,
      float[] dbeta,
      int dbetaOffset,
      int rows,
      int n) {
    int perTask = Math.max(16, TASK / Math.max(1, n)); // fixed by n: partial sums in this grouping
    int tasks = Math.max(1, (rows + perTask - 1) / perTask);
    float[] partial = Scratch.take(tasks * 3 * n); // γ, dγ and dβ of each task
    RowLoops loops = RowLoops.of(rows, n);
    try {
      WorkerTeam.shared()
          .parallel(
              tasks,
              t -> {
                int first = t * perTask;
                int at = t * 3 * n;
                if (gamma == null) {
                  Arrays.fill(partial, at, at + n, 1f);
                } else {
                  System.arraycopy(gamma, gammaOffset, partial, at, n);
                }
                Arrays.fill(partial, at + n, at + 3 * n, 0f);
                loops.normGradient(
                    mean != null,
                    x,
                    xo + first * n,
                    mean,
                    meanOffset + first,
                    rstd,
                    rstdOffset + first,
                    dy,
                    dyo + first * n,
                    dx,
                    dxo + first * n,
                    partial,
                    at,
                    Math.max(0, Math.min(perTask, rows - first)),
                    n);
              });
      combine(partial, n, tasks, n, dgamma, dgammaOffset);
      combine(partial, 2 * n, tasks, n, dbeta, dbetaOffset);
    } finally {
      Scratch.give(partial);
    }
  }

  private static void combine(float[] partial, int from, int tasks, int n, float[] sum, int so) {
    if (sum == null) {
      return;
    }
    Arrays.fill(sum, so, so + n, 0f);
    for (int t = 0; t < tasks; t++) {
      int p = from + t * 3 * n;
      ARRAYS.add(partial, p, sum, so, n);
    }
  }
}
