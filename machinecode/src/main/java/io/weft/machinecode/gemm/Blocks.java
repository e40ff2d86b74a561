package io.weft.machinecode.gemm;

import io.weft.engine.thread.Scratch;
import io.weft.machinecode.gemm.GemmKernels.Operand;
import io.weft.machinecode.gemm.GemmKernels.Steps;
import java.lang.foreign.MemorySegment;

/**
 * Cuts a product into blocks of k and of rows. Blocks of k follow from k alone, so that any cut of
 * the rest gives the same bits. A is read in place, or copied where its rows or columns would fight
 * for one set of the first cache.
 */
final class Blocks {
  /** Terms in a block: its rows of A stay in the first cache. */
  static final int DEPTH = 384;

  /** Tiles of rows in a block: a call ends within a millisecond. */
  static final int TILES = 20;

  /** Numbers of B that one row meets in a call. */
  private static final int ROW_CALL = 1 << 21;

  private static final int PAGE = 4096;
  private static final int NEAR = 256;

  private final GemmKernels kernels;

  Blocks(GemmKernels kernels) {
    this.kernels = kernels;
  }

  /** Where rows from a given one on of a part of B lie. */
  interface Source {
    Operand from(int k);
  }

  /**
   * All rows of C and as many columns as keep a block of B in the second cache.
   *
   * @param distance bytes from one panel of B to the next
   * @param first whether the first block of k adds the old C
   * @param last bias and relu after the last one
   */
  void multiply(
      int m,
      int n,
      int depth,
      float[] a,
      int ao,
      int rsA,
      int csA,
      Source b,
      long distance,
      float[] c,
      int co,
      int ldc,
      Steps first,
      Steps last) {
    int parts = (depth + DEPTH - 1) / DEPTH;
    int length = (depth + 4 * parts - 1) / (4 * parts) * 4;
    boolean copied = n > kernels.columns() && m > 4 && (isAwkward(rsA) || isAwkward(csA));
    if (m == 0 || n == 0) {
      return;
    }
    int done = m == 1 ? kernels.rowColumns(n) : 0;
    if (done > 0) {
      row(done, depth, length, a, ao, csA, b, distance, c, co, first, last);
      Source right = k -> b.from(k).shift(done / kernels.columns() * distance);
      Steps rest = last.shift((long) done * Float.BYTES);
      int left = n - done;
      multiply(m, left, depth, a, ao, rsA, csA, right, distance, c, co + done, ldc, first, rest);
      return;
    }
    if (copied && rsA == 1) {
      turned(m, n, depth, length, a, ao, csA, b, distance, c, co, ldc, first, last);
      return;
    }
    MemorySegment target = MemorySegment.ofArray(c);
    int rows = TILES * kernels.mostRows();
    float[] copy = copied ? Scratch.take(Math.min(m, rows) * stride(length)) : null;
    try {
      for (int k = 0; k < depth; k += length) {
        int kc = Math.min(length, depth - k);
        for (int i = 0; i < m; i += rows) {
          int height = Math.min(rows, m - i);
          Operand left =
              copied
                  ? copy(height, kc, a, ao + i * rsA + k * csA, rsA, csA, copy)
                  : Operand.floats(a, ao + i * rsA + k * csA, rsA, csA);
          Operand result =
              new Operand(target, (co + (long) i * ldc) * Float.BYTES, (long) ldc * Float.BYTES);
          Steps steps = Steps.add(first.add() || k > 0);
          steps = k + kc < depth ? steps : steps.then(last);
          kernels.multiply(height, n, kc, 1, 0, left, b.from(k), distance, result, steps);
        }
      }
    } finally {
      Scratch.give(copy);
    }
  }

  /**
   * A transposed A whose columns would fight for one set of the first cache: packed as a right side
   * is, so that nothing is transposed.
   */
  private void turned(
      int m,
      int n,
      int depth,
      int length,
      float[] a,
      int ao,
      int csA,
      Source b,
      long distance,
      float[] c,
      int co,
      int ldc,
      Steps first,
      Steps last) {
    int columns = kernels.columns();
    int parts = (m + columns - 1) / columns;
    int each = (m + parts - 1) / parts;
    MemorySegment target = MemorySegment.ofArray(c);
    Panels packed = Panels.taken(length, columns, columns);
    try {
      Operand panel = packed.at(0, 0);
      Operand left = new Operand(panel.memory(), panel.offset(), Float.BYTES, panel.row());
      for (int k = 0; k < depth; k += length) {
        int kc = Math.min(length, depth - k);
        Steps steps = Steps.add(first.add() || k > 0);
        steps = k + kc < depth ? steps : steps.then(last);
        for (int i = 0; i < m; i += each) {
          int rows = Math.min(each, m - i);
          Operand from = Operand.floats(a, ao + k * csA + i, csA, 1);
          kernels.pack(kc, rows, from, panel.memory(), panel.offset(), packed.distance());
          long at = (co + (long) i * ldc) * Float.BYTES;
          Operand result = new Operand(target, at, (long) ldc * Float.BYTES);
          kernels.multiply(rows, n, kc, 1, 0, left, b.from(k), distance, result, steps);
        }
      }
    } finally {
      packed.give();
    }
  }

  /** One row and n columns that {@link GemmKernels#row} serves. */
  private void row(
      int n,
      int depth,
      int length,
      float[] a,
      int ao,
      int csA,
      Source b,
      long distance,
      float[] c,
      int co,
      Steps first,
      Steps last) {
    Operand result = new Operand(MemorySegment.ofArray(c), (long) co * Float.BYTES, 0);
    int most = Math.max(1, ROW_CALL / (n * length)) * length;
    for (int k = 0; k < depth; k += most) {
      int kc = Math.min(most, depth - k);
      Steps steps = Steps.add(first.add() || k > 0);
      steps = k + kc < depth ? steps : steps.then(last);
      Operand left = Operand.floats(a, ao + k * csA, 0, csA);
      kernels.row(n, kc, length, left, b.from(k), distance, result, steps);
    }
  }

  /** Rows whose elements share a set of the first cache. */
  private static boolean isAwkward(int row) {
    long bytes = Math.abs((long) row) * Float.BYTES;
    long beyond = bytes % PAGE;
    return bytes >= 1024 && (beyond < NEAR || beyond > PAGE - NEAR);
  }

  /** Floats from row to row of a copy: whole lines, not a whole page. */
  private static int stride(int k) {
    int s = (k + 31) / 16 * 16;
    return isAwkward(s) ? s + 128 : s;
  }

  /** A block of A with adjacent columns. */
  private Operand copy(int m, int k, float[] a, int ao, int rsA, int csA, float[] to) {
    int row = stride(k);
    if (csA == 1) {
      for (int i = 0; i < m; i++) {
        System.arraycopy(a, ao + i * rsA, to, i * row, k);
      }
      return Operand.floats(to, 0, row, 1);
    }
    for (int p = 0; p < k; p++) { // neighbors in A first: their lines may not stay in the cache
      for (int i = 0; i < m; i++) {
        to[i * row + p] = a[ao + i * rsA + p * csA];
      }
    }
    return Operand.floats(to, 0, row, 1);
  }
}
