package io.weft.engine.gemm;

import java.util.Arrays;

/**
 * Portable kernel: rows of B lie in arrays of their own, and {@code acc[j] += a0·b0[j] + … +
 * a3·b3[j]} has one index for all arrays, which is what C2 vectorizes.
 */
final class ScalarGemmKernel implements GemmKernel {
  private static final int NR = 256;
  private static final int KC = 32; // KC·NR floats stay in the first-level cache
  private static final ThreadLocal<Packed> POOL = new ThreadLocal<>();
  private static final ThreadLocal<float[]> ROW = ThreadLocal.withInitial(() -> new float[NR]);

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
    float[] acc = ROW.get();
    for (int panel = from; panel < to; panel++) {
      int j0 = panel * NR;
      int width = Math.min(NR, p.n() - j0);
      for (int p0 = k0; p0 < k1; p0 += KC) {
        int p1 = Math.min(k1, p0 + KC);
        for (int i = 0; i < m; i++) {
          int row = co + i * ldc + j0;
          if (p0 > k0 || accumulate) {
            System.arraycopy(c, row, acc, 0, width);
          } else {
            Arrays.fill(acc, 0, width, 0f);
          }
          row(p0, p1, width, a, ao + i * rsA - k0 * csA, csA, p.rows, panel * k, acc);
          System.arraycopy(acc, 0, c, row, width);
        }
      }
    }
  }

  private static void row(
      int k0, int k1, int n, float[] a, int ao, int csA, float[][] rows, int first, float[] acc) {
    int p = k0;
    for (; p + 4 <= k1; p += 4) {
      int q = ao + p * csA;
      int r = first + p;
      add4(
          n,
          acc,
          rows[r],
          rows[r + 1],
          rows[r + 2],
          rows[r + 3],
          a[q],
          a[q + csA],
          a[q + 2 * csA],
          a[q + 3 * csA]);
    }
    for (; p < k1; p++) {
      add1(n, acc, rows[first + p], a[ao + p * csA]);
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
