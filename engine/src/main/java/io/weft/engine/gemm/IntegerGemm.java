package io.weft.engine.gemm;

import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;

/**
 * Products of int matrices, {@code C = A·B} modulo 2³². Rows of B lie in arrays of their own, so
 * that all arrays of the inner loop have one index, which is what C2 vectorizes.
 */
public final class IntegerGemm {
  private static final int PANEL = 256; // columns worked on at once
  private static final int DEPTH = 32; // rows of B that stay in the first cache
  private static final int ROWS = 16; // of C in one task

  private IntegerGemm() {}

  /** A and B have any strides; C has adjacent columns and rows {@code ldc} apart. */
  public static void multiply(
      int m,
      int n,
      int k,
      int[] a,
      int ao,
      int rsA,
      int csA,
      int[] b,
      int bo,
      int rsB,
      int csB,
      int[] c,
      int co,
      int ldc) {
    for (int i = 0; i < m; i++) {
      Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0);
    }
    int[][] rows = new int[Math.min(DEPTH, k)][Math.min(PANEL, n)];
    for (int j = 0; j < n; j += PANEL) {
      int width = Math.min(PANEL, n - j);
      for (int p = 0; p < k; p += DEPTH) {
        int depth = Math.min(DEPTH, k - p);
        for (int q = 0; q < depth; q++) {
          copy(b, bo + (p + q) * rsB + j * csB, csB, rows[q], width);
        }
        int from = ao + p * csA;
        int to = co + j;
        WorkerTeam.shared()
            .parallel(
                (m + ROWS - 1) / ROWS,
                t -> {
                  int[] sums = new int[width];
                  for (int i = t * ROWS; i < Math.min(m, (t + 1) * ROWS); i++) {
                    System.arraycopy(c, to + i * ldc, sums, 0, width);
                    row(depth, a, from + i * rsA, csA, rows, sums);
                    System.arraycopy(sums, 0, c, to + i * ldc, width);
                  }
                });
      }
    }
  }

  private static void copy(int[] b, int from, int stride, int[] row, int n) {
    if (stride == 1) {
      System.arraycopy(b, from, row, 0, n);
      return;
    }
    for (int j = 0; j < n; j++) {
      row[j] = b[from + j * stride];
    }
  }

  private static void row(int depth, int[] a, int ao, int csA, int[][] rows, int[] sums) {
    int p = 0;
    for (; p + 4 <= depth; p += 4) {
      int q = ao + p * csA;
      add4(
          sums,
          rows[p],
          rows[p + 1],
          rows[p + 2],
          rows[p + 3],
          a[q],
          a[q + csA],
          a[q + 2 * csA],
          a[q + 3 * csA]);
    }
    for (; p < depth; p++) {
      add(sums, rows[p], a[ao + p * csA]);
    }
  }

  private static void add4(
      int[] c, int[] b0, int[] b1, int[] b2, int[] b3, int a0, int a1, int a2, int a3) {
    for (int j = 0; j < c.length; j++) {
      c[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
    }
  }

  private static void add(int[] c, int[] b, int a) {
    for (int j = 0; j < c.length; j++) {
      c[j] += a * b[j];
    }
  }
}
