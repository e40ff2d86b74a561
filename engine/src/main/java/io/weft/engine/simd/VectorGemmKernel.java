package io.weft.engine.simd;

import io.weft.engine.gemm.GemmKernel;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import java.util.Arrays;

/**
 * Packed products with the Vector API. B is packed into panels of 4 vectors (2 where vectors are
 * shorter than 512 bits and there are only 16 registers), zero-padded; A is read in place.
 */
public final class VectorGemmKernel implements GemmKernel {
  private static final int L = Tiles.L;
  private static final int WIDE = L >= 16 ? 4 : 2; // vectors in a panel
  private static final int NR = WIDE * L;
  private static final int KC = 256;
  private static final int MR = 6;
  private static final VectorArrayKernel DOTS = new VectorArrayKernel();

  /** Made by name; see {@link io.weft.engine.tier.KernelTier}. */
  public VectorGemmKernel() {}

  @Override
  public int panelWidth() {
    return NR;
  }

  @Override
  public int rowStep() {
    return 4 * MR;
  }

  @Override
  public PackedB allocate(int k, int n) {
    return new Packed(k, n, Scratch.take(Math.multiplyExact(panels(n) * NR, Math.max(1, k))));
  }

  @Override
  public void release(PackedB packed) {
    Scratch.give(((Packed) packed).data);
  }

  @Override
  public void pack(PackedB packed, int from, int to, float[] b, int bo, int rsB, int csB) {
    Packed p = (Packed) packed;
    int k = p.k();
    for (int panel = from; panel < to; panel++) {
      int j0 = panel * NR;
      int width = Math.min(NR, p.n() - j0);
      int target = panel * k * NR;
      if (csB == 1) {
        for (int i = 0; i < k; i++, target += NR) {
          System.arraycopy(b, bo + i * rsB + j0, p.data, target, width);
          if (width < NR) {
            Arrays.fill(p.data, target + width, target + NR, 0f);
          }
        }
      } else {
        packColumns(p.data, target, k, width, b, bo + j0 * csB, rsB, csB);
      }
    }
  }

  /**
   * Columns of B are far apart: eight at a time, so that a line of the target is filled at once.
   */
  private static void packColumns(
      float[] data, int target, int k, int width, float[] b, int bo, int rsB, int csB) {
    int j = 0;
    for (; j + 8 <= width; j += 8) {
      int q = bo + j * csB;
      int t = target + j;
      for (int i = 0; i < k; i++, q += rsB, t += NR) {
        data[t] = b[q];
        data[t + 1] = b[q + csB];
        data[t + 2] = b[q + 2 * csB];
        data[t + 3] = b[q + 3 * csB];
        data[t + 4] = b[q + 4 * csB];
        data[t + 5] = b[q + 5 * csB];
        data[t + 6] = b[q + 6 * csB];
        data[t + 7] = b[q + 7 * csB];
      }
    }
    for (int i = 0; i < k && j < NR; i++) {
      int t = target + i * NR;
      for (int u = j; u < width; u++) {
        data[t + u] = b[bo + i * rsB + u * csB];
      }
      Arrays.fill(data, t + Math.max(j, width), t + NR, 0f);
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
      int from,
      int to,
      float[] c,
      int co,
      int ldc,
      boolean accumulate) {
    Packed p = (Packed) b;
    int k = p.k();
    float[] edge = null;
    try {
      for (int k0 = 0; k0 < k; k0 += KC) {
        int kc = Math.min(KC, k - k0);
        boolean add = accumulate || k0 > 0;
        for (int panel = from; panel < to; panel++) {
          int j0 = panel * NR;
          int width = Math.min(NR, p.n() - j0);
          boolean half = width <= NR / 2 && WIDE == 4;
          int bo = (panel * k + k0) * NR;
          if (width == NR || (half && width == NR / 2)) {
            panel(m, kc, half, a, ao + k0 * csA, rsA, csA, p.data, bo, NR, c, co + j0, ldc, add);
          } else {
            if (edge == null) {
              edge = Scratch.take(MR * NR);
            }
            edge(
                m,
                kc,
                half,
                width,
                a,
                ao + k0 * csA,
                rsA,
                csA,
                p.data,
                bo,
                c,
                co + j0,
                ldc,
                add,
                edge);
          }
        }
      }
    } finally {
      Scratch.give(edge);
    }
  }

  /** All rows of one panel whose columns all belong to C. */
  private static void panel(
      int m,
      int k,
      boolean half,
      float[] a,
      int ao,
      int rsA,
      int csA,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    boolean wide = WIDE == 4 && !half;
    int i = 0;
    for (; i + 6 <= m; i += 6) {
      int q = ao + i * rsA;
      int o = co + i * ldc;
      if (wide) {
        Tiles.tile6x4(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else {
        Tiles.tile6x2(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      }
    }
    if (i + 3 <= m) {
      int q = ao + i * rsA;
      int o = co + i * ldc;
      if (wide) {
        Tiles.tile3x4(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else {
        Tiles.tile3x2(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      }
      i += 3;
    }
    for (; i < m; i++) {
      int q = ao + i * rsA;
      int o = co + i * ldc;
      if (wide) {
        Tiles.tile1x4(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else {
        Tiles.tile1x2(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      }
    }
  }

  /** A panel whose padding must not be written: through a small tile. */
  private static void edge(
      int m,
      int k,
      boolean half,
      int width,
      float[] a,
      int ao,
      int rsA,
      int csA,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc,
      boolean add,
      float[] tile) {
    for (int i = 0; i < m; i += MR) {
      int rows = Math.min(MR, m - i);
      panel(rows, k, half, a, ao + i * rsA, rsA, csA, b, bo, NR, tile, 0, NR, false);
      for (int r = 0; r < rows; r++) {
        int row = co + (i + r) * ldc;
        if (add) {
          for (int j = 0; j < width; j++) {
            c[row + j] += tile[r * NR + j];
          }
        } else {
          System.arraycopy(tile, r * NR, c, row, width);
        }
      }
    }
  }

  /** Whole panels straight from B when its rows are adjacent; the rest in portable tiles. */
  @Override
  public void multiplyUnpacked(
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int rsA,
      int csA,
      float[] b,
      int bo,
      int rsB,
      int csB,
      float[] c,
      int co,
      int ldc,
      boolean accumulate) {
    int j = 0;
    if (csB == 1) {
      for (; j + NR <= n; j += NR) {
        panel(m, k, false, a, ao, rsA, csA, b, bo + j, rsB, c, co + j, ldc, accumulate);
      }
      if (WIDE == 4 && j + NR / 2 <= n) {
        panel(m, k, true, a, ao, rsA, csA, b, bo + j, rsB, c, co + j, ldc, accumulate);
        j += NR / 2;
      }
    } else if (rsB == 1 && csA == 1 && m < 4 && k >= 2 * L) {
      for (; j < n; j++) {
        for (int i = 0; i < m; i++) {
          float dot = DOTS.dot(a, ao + i * rsA, b, bo + j * csB, k);
          int o = co + i * ldc + j;
          c[o] = accumulate ? c[o] + dot : dot;
        }
      }
    }
    if (j < n) {
      GemmKernel.super.multiplyUnpacked(
          m, n - j, k, a, ao, rsA, csA, b, bo + j * csB, rsB, csB, c, co + j, ldc, accumulate);
    }
  }

  /** Element (i, j) lies at {@code (j / NR * k + i) * NR + j % NR}. */
  private static final class Packed extends PackedB {
    private final float[] data;

    Packed(int k, int n, float[] data) {
      super(k, n);
      this.data = data;
    }
  }
}
