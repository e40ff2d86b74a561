package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;

/**
 * {@code softmax(scale · Q Kᵀ + mask) V} and its gradients. Scores exist for a block of queries
 * only, never for all steps × sources. Arrays must not overlap; see {@link AttentionShape}.
 */
public final class AttentionKernels {
  private static final ArrayKernel ARRAYS = ArrayKernel.get();
  private static final int SCORES = 1 << 15; // floats in a block of scores
  private static final int ROWS_PER_TASK = 256;

  private AttentionKernels() {}

  /**
   * Forward.
   *
   * @param lse log-sum-exp of each row (batch, heads, steps), written; may be null when no gradient
   *     is wanted
   */
  public static void forward(
      AttentionShape s, AttentionMask mask, Span q, Span k, Span v, Span out, Span lse) {
    int rows = blockRows(s);
    int perTask = (ROWS_PER_TASK + rows - 1) / rows * rows;
    int chunks = (s.steps() + perTask - 1) / perTask;
    WorkerTeam.shared()
        .parallel(
            s.batch() * s.heads() * chunks,
            task -> {
              int head = task / chunks % s.heads();
              int batch = task / chunks / s.heads();
              int from = task % chunks * perTask;
              int to = Math.min(s.steps(), from + perTask);
              forwardRows(s, mask, batch, head, from, to, rows, q, k, v, out, lse);
            });
  }

  private static void forwardRows(
      AttentionShape s,
      AttentionMask mask,
      int batch,
      int head,
      int from,
      int to,
      int rows,
      Span q,
      Span k,
      Span v,
      Span out,
      Span lse) {
    int kvHead = head / (s.heads() / s.kvHeads());
    int lengthK = s.kvHeads() * s.dim();
    int lengthV = s.kvHeads() * s.valueDim();
    int lengthQ = s.heads() * s.dim();
    int lengthO = s.heads() * s.valueDim();
    int ko = k.offset() + batch * s.sources() * lengthK + kvHead * s.dim();
    int vo = v.offset() + batch * s.sources() * lengthV + kvHead * s.valueDim();
    int width = s.sources();
    PackedB keys = Gemm.borrow(s.dim(), width, k.array(), ko, 1, lengthK);
    PackedB values = Gemm.borrow(width, s.valueDim(), v.array(), vo, lengthV, 1);
    float[] scores = Scratch.take(rows * width);
    float[] sums = Scratch.take(rows);
    try {
      for (int t = from; t < to; t += rows) {
        int n = Math.min(rows, to - t);
        int qo = q.offset() + (batch * s.steps() + t) * lengthQ + head * s.dim();
        scores(s, mask, batch, head, t, n, q.array(), qo, keys, scores);
        softmax(scores, n, width, sums);
        int oo = out.offset() + (batch * s.steps() + t) * lengthO + head * s.valueDim();
        Gemm.multiplyPacked(n, scores, 0, width, 1, values, out.array(), oo, lengthO, false, null);
        if (lse != null) {
          int lo = lse.offset() + (batch * s.heads() + head) * s.steps() + t;
          System.arraycopy(sums, 0, lse.array(), lo, n);
        }
      }
    } finally {
      Scratch.give(sums);
      Scratch.give(scores);
      Gemm.giveBack(values);
      Gemm.giveBack(keys);
    }
  }

  private static void scores(
      AttentionShape s,
      AttentionMask mask,
      int batch,
      int head,
      int step,
      int n,
      float[] q,
      int qo,
      PackedB keys,
      float[] scores) {
    int width = s.sources();
    Gemm.multiplyPacked(n, q, qo, s.heads() * s.dim(), 1, keys, scores, 0, width, false, null);
    ARRAYS.affine(scores, 0, s.scale(), 0f, scores, 0, n * width);
    mask.apply(s, batch, head, step, n, scores, width);
  }

  /** Softmax in place and log-sum-exp of each row; a row of -infinity gives zeros. */
  private static void softmax(float[] x, int rows, int n, float[] lse) {
    float[] largest = Scratch.take(rows);
    try {
      RowLoops.of(rows, n).softmax(x, 0, x, 0, largest, 0, lse, 0, rows, n);
      for (int r = 0; r < rows; r++) {
        if (largest[r] == Float.NEGATIVE_INFINITY) {
          Arrays.fill(x, r * n, (r + 1) * n, 0f);
          lse[r] = largest[r];
        } else {
          lse[r] = largest[r] + MathF.log(lse[r]);
        }
      }
    } finally {
      Scratch.give(largest);
    }
  }

  /**
   * Gradients with respect to q, k and v from the gradient of the output; overwrites dq, dk, dv.
   *
   * @param out the output of {@link #forward}
   * @param lse the log-sum-exp of {@link #forward}
   */
  public static void backward(
      AttentionShape s,
      AttentionMask mask,
      Span q,
      Span k,
      Span v,
      Span out,
      Span lse,
      Span dout,
      Span dq,
      Span dk,
      Span dv) {
    clear(dk, s.batch() * s.sources() * s.kvHeads() * s.dim());
    clear(dv, s.batch() * s.sources() * s.kvHeads() * s.valueDim());
    int group = s.heads() / s.kvHeads();
    WorkerTeam.shared()
        .parallel(
            s.batch() * s.kvHeads(), // dk and dv of one head belong to one task
            task -> {
              for (int g = 0; g < group; g++) {
                int batch = task / s.kvHeads();
                int head = task % s.kvHeads() * group + g;
                backwardHead(s, mask, batch, head, q, k, v, out, lse, dout, dq, dk, dv);
              }
            });
  }

  private static void clear(Span x, int n) {
    Arrays.fill(x.array(), x.offset(), x.offset() + n, 0f);
  }

  private static void backwardHead(
      AttentionShape s,
      AttentionMask mask,
      int batch,
      int head,
      Span q,
      Span k,
      Span v,
      Span out,
      Span lse,
      Span dout,
      Span dq,
      Span dk,
      Span dv) {
    int kvHead = head / (s.heads() / s.kvHeads());
    int lengthK = s.kvHeads() * s.dim();
    int lengthV = s.kvHeads() * s.valueDim();
    int lengthQ = s.heads() * s.dim();
    int lengthO = s.heads() * s.valueDim();
    int keyStart = batch * s.sources() * lengthK + kvHead * s.dim();
    int valueStart = batch * s.sources() * lengthV + kvHead * s.valueDim();
    int width = s.sources();
    int rows = blockRows(s);
    PackedB keys = Gemm.borrow(s.dim(), width, k.array(), k.offset() + keyStart, 1, lengthK);
    PackedB keyRows = Gemm.borrow(width, s.dim(), k.array(), k.offset() + keyStart, lengthK, 1);
    PackedB values =
        Gemm.borrow(s.valueDim(), width, v.array(), v.offset() + valueStart, 1, lengthV);
    float[] p = Scratch.take(rows * width);
    float[] dp = Scratch.take(rows * width);
    float[] delta = Scratch.take(rows);
    try {
      for (int t = 0; t < s.steps(); t += rows) {
        int n = Math.min(rows, s.steps() - t);
        int queryStart = (batch * s.steps() + t) * lengthQ + head * s.dim();
        int outStart = (batch * s.steps() + t) * lengthO + head * s.valueDim();
        int lo = lse.offset() + (batch * s.heads() + head) * s.steps() + t;
        scores(s, mask, batch, head, t, n, q.array(), q.offset() + queryStart, keys, p);
        probabilities(p, n, width, lse.array(), lo);
        // dv += pᵀ do
        Gemm.multiply(
            width,
            s.valueDim(),
            n,
            p,
            0,
            1,
            width,
            dout.array(),
            dout.offset() + outStart,
            lengthO,
            1,
            dv.array(),
            dv.offset() + valueStart,
            lengthV,
            true,
            null);
        // ds = p (do vᵀ - do·o) scale
        Gemm.multiplyPacked(
            n,
            dout.array(),
            dout.offset() + outStart,
            lengthO,
            1,
            values,
            dp,
            0,
            width,
            false,
            null);
        RowLoops.of(n, s.valueDim())
            .dots(
                dout.array(),
                dout.offset() + outStart,
                out.array(),
                out.offset() + outStart,
                lengthO,
                delta,
                0,
                n,
                s.valueDim());
        RowLoops.of(n, width).centered(p, 0, dp, 0, delta, 0, s.scale(), dp, 0, n, width);
        Gemm.multiplyPacked(
            n,
            dp,
            0,
            width,
            1,
            keyRows,
            dq.array(),
            dq.offset() + queryStart,
            lengthQ,
            false,
            null);
        // dk += dsᵀ q
        Gemm.multiply(
            width,
            s.dim(),
            n,
            dp,
            0,
            1,
            width,
            q.array(),
            q.offset() + queryStart,
            lengthQ,
            1,
            dk.array(),
            dk.offset() + keyStart,
            lengthK,
            true,
            null);
      }
    } finally {
      Gemm.giveBack(values);
      Gemm.giveBack(keyRows);
      Gemm.giveBack(keys);
      Scratch.give(delta);
      Scratch.give(dp);
      Scratch.give(p);
    }
  }

  /** {@code x = e^(x - lse)} of each row; zeros for a row with nothing to see. */
  private static void probabilities(float[] x, int rows, int n, float[] lse, int lo) {
    RowLoops.of(rows, n).powers(x, 0, lse, lo, x, 0, rows, n);
    for (int r = 0; r < rows; r++) {
      if (lse[lo + r] == Float.NEGATIVE_INFINITY) {
        Arrays.fill(x, r * n, (r + 1) * n, 0f);
      }
    }
  }

  private static int blockRows(AttentionShape s) {
    int rows = SCORES / Math.max(1, s.sources()) / 8 * 8;
    return Math.max(8, Math.min(64, rows));
  }
}
