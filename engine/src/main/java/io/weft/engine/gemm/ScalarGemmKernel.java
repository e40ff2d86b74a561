package io.weft.engine.gemm;

import java.util.Arrays;

/**
 * Portable kernel: rows of B lie in arrays of their own, and {@code acc[j] += a0·b0[j] + … +
 * a3·b3[j]} has one index for all arrays, which is what C2 vectorizes.
 */
final class ScalarGemmKernel implements GemmKernel {
  private static final int NR = 256;
  private static final int AREA = 1 << 13; // floats of B that stay in the first-level cache
  private static final long SLOW = 16_000; // ns for sixteen multiply-adds
  private static final boolean FMA = isFmaFast();

  /** C2 vectorizes loops that write four arrays in JDK 25; in JDK 17 it does not. */
  private static final boolean FOUR_ROWS = FMA && Runtime.version().feature() >= 25;

  private static final ThreadLocal<Packed> POOL = new ThreadLocal<>();
  private static final ThreadLocal<float[][]> ROWS =
      ThreadLocal.withInitial(() -> new float[FOUR_ROWS ? 4 : 1][NR]);

  /**
   * Whether the machine multiplies and adds in one instruction; where it does not, {@link Math#fma}
   * takes some thousand times as long, so that a few microseconds tell. One quick round is proof
   * enough; a slow one may have been interrupted and is tried again, because sums have other bits
   * without the instruction.
   */
  private static boolean isFmaFast() {
    long least = Long.MAX_VALUE;
    float x = 1;
    for (int i = 0; i < 50 && least >= SLOW; i++) {
      long start = System.nanoTime();
      for (int j = 0; j < 16; j++) {
        x = Math.fma(x, 0.5f, 0.25f);
      }
      least = Math.min(least, System.nanoTime() - start);
    }
    return x > 0 && least < SLOW;
  }

  @Override
  public int panelWidth() {
    return NR;
  }

  @Override
  public int rowStep() {
    return 16;
  }

  @Override
  public PackedB allocate(int k, int n) {
    int width = Math.min(NR, n);
    int rows = Math.multiplyExact(panels(n), k);
    Packed pooled = POOL.get();
    if (pooled != null) {
      POOL.remove();
      if (pooled.rows.length >= rows && pooled.rows[0].length >= width) {
        return new Packed(k, n, pooled.rows);
      }
    }
    return allocateForGood(k, n);
  }

  @Override
  public PackedB allocateForGood(int k, int n) {
    int rows = Math.multiplyExact(panels(n), k);
    return new Packed(k, n, new float[Math.max(1, rows)][Math.min(NR, n)]);
  }

  @Override
  public void release(PackedB packed) {
    Packed p = (Packed) packed;
    if (p.rows.length <= 1 << 14) {
      POOL.set(p);
    }
  }

  @Override
  public void pack(PackedB packed, int from, int to, float[] b, int bo, int rsB, int csB) {
    Packed p = (Packed) packed;
    int k = p.k();
    for (int panel = from; panel < to; panel++) {
      int j0 = panel * NR;
      int width = Math.min(NR, p.n() - j0);
      for (int i = 0; i < k; i++) {
        float[] row = p.rows[panel * k + i];
        int source = bo + i * rsB + j0 * csB;
        if (csB == 1) {
          System.arraycopy(b, source, row, 0, width);
        } else {
          for (int j = 0; j < width; j++) {
            row[j] = b[source + j * csB];
          }
        }
      }
    }
  }

  @Override
  public void multiply(
      int m,
      float[] a,
      int ao,
      int rsA,
      int csA,
      PackedB b,
      int k0,
      int k1,
      int from,
      int to,
      float[] c,
      int co,
      int ldc,
      boolean accumulate) {
    Packed p = (Packed) b;
    int k = p.k();
    float[][] acc = ROWS.get();
    for (int panel = from; panel < to; panel++) {
      int j0 = panel * NR;
      int width = Math.min(NR, p.n() - j0);
      int depth = Math.max(16, AREA / width / 4 * 4);
      for (int p0 = k0; p0 < k1; p0 += depth) {
        int p1 = Math.min(k1, p0 + depth);
        boolean add = p0 > k0 || accumulate;
        int q = ao - k0 * csA;
        int first = panel * k;
        int i = 0;
        for (; FOUR_ROWS && i + 4 <= m; i += 4) {
          int row = co + i * ldc + j0;
          for (int r = 0; r < 4; r++) {
            load(add, c, row + r * ldc, acc[r], width);
          }
          fourRows(p0, p1, width, a, q + i * rsA, rsA, csA, p.rows, first, acc);
          for (int r = 0; r < 4; r++) {
            System.arraycopy(acc[r], 0, c, row + r * ldc, width);
          }
        }
        for (; i < m; i++) {
          int row = co + i * ldc + j0;
          load(add, c, row, acc[0], width);
          row(p0, p1, width, a, q + i * rsA, csA, p.rows, first, acc[0]);
          System.arraycopy(acc[0], 0, c, row, width);
        }
      }
    }
  }

  private static void load(boolean add, float[] c, int row, float[] acc, int width) {
    if (add) {
      System.arraycopy(c, row, acc, 0, width);
    } else {
      Arrays.fill(acc, 0, width, 0f);
    }
  }

  private static void row(
      int k0, int k1, int n, float[] a, int ao, int csA, float[][] rows, int first, float[] acc) {
    int p = k0;
    for (; p + 4 <= k1; p += 4) {
      int q = ao + p * csA;
      int r = first + p;
      float a0 = a[q];
      float a1 = a[q + csA];
      float a2 = a[q + 2 * csA];
      float a3 = a[q + 3 * csA];
      if (FMA) {
        fma4(n, acc, rows[r], rows[r + 1], rows[r + 2], rows[r + 3], a0, a1, a2, a3);
      } else {
        add4(n, acc, rows[r], rows[r + 1], rows[r + 2], rows[r + 3], a0, a1, a2, a3);
      }
    }
    for (; p < k1; p++) {
      add1(n, acc, rows[first + p], a[ao + p * csA]);
    }
  }

  /** {@link #row} of four rows of C, the same sums. */
  private static void fourRows(
      int k0,
      int k1,
      int n,
      float[] a,
      int ao,
      int rsA,
      int csA,
      float[][] rows,
      int first,
      float[][] acc) {
    int p = k0;
    for (; p + 4 <= k1; p += 4) {
      int r = first + p;
      fma4x4(
          n,
          acc[0],
          acc[1],
          acc[2],
          acc[3],
          rows[r],
          rows[r + 1],
          rows[r + 2],
          rows[r + 3],
          a,
          ao + p * csA,
          rsA,
          csA);
    }
    for (; p < k1; p++) {
      for (int i = 0; i < 4; i++) {
        add1(n, acc[i], rows[first + p], a[ao + i * rsA + p * csA]);
      }
    }
  }

  private static void fma4x4(
      int n,
      float[] c,
      float[] d,
      float[] e,
      float[] f,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] a,
      int o,
      int rsA,
      int csA) {
    float c0 = a[o];
    float c1 = a[o + csA];
    float c2 = a[o + 2 * csA];
    float c3 = a[o + 3 * csA];
    float d0 = a[o + rsA];
    float d1 = a[o + rsA + csA];
    float d2 = a[o + rsA + 2 * csA];
    float d3 = a[o + rsA + 3 * csA];
    float e0 = a[o + 2 * rsA];
    float e1 = a[o + 2 * rsA + csA];
    float e2 = a[o + 2 * rsA + 2 * csA];
    float e3 = a[o + 2 * rsA + 3 * csA];
    float f0 = a[o + 3 * rsA];
    float f1 = a[o + 3 * rsA + csA];
    float f2 = a[o + 3 * rsA + 2 * csA];
    float f3 = a[o + 3 * rsA + 3 * csA];
    for (int j = 0; j < n; j++) {
      float x0 = b0[j];
      float x1 = b1[j];
      float x2 = b2[j];
      float x3 = b3[j];
      c[j] = Math.fma(c3, x3, Math.fma(c2, x2, Math.fma(c1, x1, Math.fma(c0, x0, c[j]))));
      d[j] = Math.fma(d3, x3, Math.fma(d2, x2, Math.fma(d1, x1, Math.fma(d0, x0, d[j]))));
      e[j] = Math.fma(e3, x3, Math.fma(e2, x2, Math.fma(e1, x1, Math.fma(e0, x0, e[j]))));
      f[j] = Math.fma(f3, x3, Math.fma(f2, x2, Math.fma(f1, x1, Math.fma(f0, x0, f[j]))));
    }
  }

  private static void fma4(
      int n,
      float[] c,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float a0,
      float a1,
      float a2,
      float a3) {
    for (int j = 0; j < n; j++) {
      float s = Math.fma(a1, b1[j], Math.fma(a0, b0[j], c[j]));
      c[j] = Math.fma(a3, b3[j], Math.fma(a2, b2[j], s));
    }
  }

  private static void add4(
      int n,
      float[] c,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float a0,
      float a1,
      float a2,
      float a3) {
    for (int j = 0; j < n; j++) {
      c[j] = c[j] + a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
    }
  }

  private static void add1(int n, float[] c, float[] b, float a) {
    for (int j = 0; j < n; j++) {
      c[j] += a * b[j];
    }
  }

  /** Row p of panel q is {@code rows[q * k + p]}. */
  private static final class Packed extends PackedB {
    private final float[][] rows;

    Packed(int k, int n, float[][] rows) {
      super(k, n);
      this.rows = rows;
    }
  }
}
