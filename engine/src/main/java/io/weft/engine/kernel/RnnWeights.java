package io.weft.engine.kernel;

import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;

/**
 * A kernel of a recurrent cell, (rows, gates · units), packed for one product after the other. The
 * columns of the gates that take a sigmoid stand side by side, those of the third gate, which takes
 * a tanh, by themselves: so each function is one loop over adjacent numbers. A cell without gates
 * has all its columns in the first matrix.
 *
 * @param gates all columns but those of the candidate
 * @param candidate columns of the third gate, or null
 * @param borrowed whether the memory goes back to this thread's pool
 */
public record RnnWeights(PackedB gates, PackedB candidate, boolean borrowed) {
  private static final int CANDIDATE = 2;

  /** The packed form of an array, kept for good. */
  public static RnnWeights pack(int rows, int units, int gates, float[] w) {
    return make(rows, units, gates, w, false);
  }

  /** A packed form as it is, an array packed into memory of this thread until {@link #giveBack}. */
  public static RnnWeights of(Object weights, int rows, int units, int gates) {
    return weights instanceof RnnWeights packed
        ? packed
        : make(rows, units, gates, (float[]) weights, true);
  }

  private static RnnWeights make(int rows, int u, int gates, float[] w, boolean borrowed) {
    int width = gates * u;
    if (gates <= CANDIDATE) {
      return new RnnWeights(pack(rows, width, w, 0, width, borrowed), null, borrowed);
    }
    PackedB candidate = pack(rows, u, w, CANDIDATE * u, width, borrowed);
    int rest = width - u;
    if (gates == CANDIDATE + 1) {
      return new RnnWeights(pack(rows, rest, w, 0, width, borrowed), candidate, borrowed);
    }
    float[] others = Scratch.take(rows * rest);
    try {
      for (int i = 0; i < rows; i++) {
        reorder(gates, u, w, i * width, others, i * rest, null, 0);
      }
      return new RnnWeights(pack(rows, rest, others, 0, rest, borrowed), candidate, borrowed);
    } finally {
      Scratch.give(others);
    }
  }

  private static PackedB pack(int k, int n, float[] w, int offset, int stride, boolean borrow) {
    return borrow ? Gemm.borrow(k, n, w, offset, stride, 1) : Gemm.pack(k, n, w, offset, stride, 1);
  }

  /** One row of all gates, taken apart; {@code candidate} null leaves that part out. */
  static void reorder(
      int gates, int u, float[] row, int at, float[] others, int to, float[] candidate, int ct) {
    System.arraycopy(row, at, others, to, CANDIDATE * u);
    int after = (gates - CANDIDATE - 1) * u;
    System.arraycopy(row, at + (CANDIDATE + 1) * u, others, to + CANDIDATE * u, after);
    if (candidate != null) {
      System.arraycopy(row, at + CANDIDATE * u, candidate, ct, u);
    }
  }

  /** One row put together again, the inverse of {@link #reorder}. */
  static void join(
      int gates, int u, float[] others, int from, float[] candidate, int cf, float[] row, int at) {
    System.arraycopy(others, from, row, at, CANDIDATE * u);
    System.arraycopy(candidate, cf, row, at + CANDIDATE * u, u);
    int after = (gates - CANDIDATE - 1) * u;
    System.arraycopy(others, from + CANDIDATE * u, row, at + (CANDIDATE + 1) * u, after);
  }

  /** Ends the use of borrowed memory. */
  public void giveBack() {
    if (borrowed) {
      if (candidate != null) {
        Gemm.giveBack(candidate);
      }
      Gemm.giveBack(gates);
    }
  }
}
