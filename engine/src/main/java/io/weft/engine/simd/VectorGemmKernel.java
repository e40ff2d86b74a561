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
  private static final int FEW = 48; // rows
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
  public long smallest() {
    return 1 << 11;
  }

  @Override
  public PackedB allocate(int k, int n) {
    return new Packed(k, n, Scratch.take(size(k, n)));
  }

  @Override
  public PackedB allocateForGood(int k, int n) {
    return new Packed(k, n, new float[size(k, n)]);
  }

  private static int size(int k, int n) {
    return Math.multiplyExact(NR * ((n + NR - 1) / NR), Math.max(1, k));
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
    float[] edge = null;
    try {
      for (int p0 = k0; p0 < k1; p0 += KC) {
        int kc = Math.min(KC, k1 - p0);
        int q = ao + (p0 - k0) * csA;
        boolean add = accumulate || p0 > k0;
        for (int panel = from; panel < to; panel++) {
          int j0 = panel * NR;
          int width = Math.min(NR, p.n() - j0);
          int vectors = vectors(width);
          int bo = (panel * k + p0) * NR;
          if (width == vectors * L) {
            panel(m, kc, vectors, a, q, rsA, csA, p.data, bo, NR, c, co + j0, ldc, add);
          } else {
            if (edge == null) {
              edge = Scratch.take(MR * NR);
            }
            edge(m, kc, width, a, q, rsA, csA, p.data, bo, NR, c, co + j0, ldc, add, edge);
          }
        }
      }
    } finally {
      Scratch.give(edge);
    }
  }

  /** How many vectors of a panel hold columns: 1, 2 or {@link #WIDE}. */
  private static int vectors(int width) {
    return width <= L ? 1 : width <= 2 * L ? 2 : WIDE;
  }

  /** All rows of one panel whose columns all belong to C. */
  private static void panel(
      int m,
      int k,
      int vectors,
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
    int i = 0;
    for (; i + 6 <= m; i += 6) {
      int q = ao + i * rsA;
      int o = co + i * ldc;
      if (vectors == 4) {
        Tiles.tile6x4(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else if (vectors == 2) {
        Tiles.tile6x2(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else {
        NarrowTiles.tile6x1(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      }
    }
    if (i + 3 <= m && vectors > 1) {
      int q = ao + i * rsA;
      int o = co + i * ldc;
      if (vectors == 4) {
        Tiles.tile3x4(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else {
        Tiles.tile3x2(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      }
      i += 3;
    }
    for (; i < m; i++) {
      int q = ao + i * rsA;
      int o = co + i * ldc;
      if (vectors == 4) {
        Tiles.tile1x4(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else if (vectors == 2) {
        Tiles.tile1x2(k, a, q, rsA, csA, b, bo, ldb, c, o, ldc, add);
      } else {
        NarrowTiles.tile1x1(k, a, q, csA, b, bo, ldb, c, o, add);
      }
    }
  }

  /** A panel whose padding must not be written: through a small tile. */
  private static void edge(
      int m,
      int k,
      int width,
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
      boolean add,
      float[] tile) {
    for (int i = 0; i < m; i += MR) {
      int rows = Math.min(MR, m - i);
      panel(rows, k, vectors(width), a, ao + i * rsA, rsA, csA, b, bo, ldb, tile, 0, NR, false);
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

  /** With few rows, packing B costs more than reading it in place. */
  @Override
  public boolean isDirect(int m, int n, int k, int rsB, int csB) {
    return m <= FEW && (csB == 1 || rsB == 1 && m >= L / 2);
  }

  /** Sums run as in {@link #multiply}, so that a product has the same bits either way. */
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
    if (rsB == 1 && csA == 1 && (m < 4 || n < 4) && k >= 2 * L) {
      dots(m, n, k, a, ao, rsA, b, bo, csB, c, co, ldc, accumulate);
    } else if (csB == 1 && n >= 8 && k > 0) {
      rows(m, n, k, a, ao, rsA, csA, b, bo, rsB, c, co, ldc, accumulate);
    } else if (rsB == 1 && m >= L / 2 && n >= 8 && k > 0) {
      turned(m, n, k, a, ao, rsA, csA, b, bo, csB, c, co, ldc, accumulate);
    } else {
      GemmKernel.super.multiplyUnpacked(
          m, n, k, a, ao, rsA, csA, b, bo, rsB, csB, c, co, ldc, accumulate);
    }
  }

  private static void dots(
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int rsA,
      float[] b,
      int bo,
      int csB,
      float[] c,
      int co,
      int ldc,
      boolean accumulate) {
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        float dot = DOTS.dot(a, ao + i * rsA, b, bo + j * csB, k);
        int o = co + i * ldc + j;
        c[o] = accumulate ? c[o] + dot : dot;
      }
    }
  }

  /** B has adjacent columns: whole panels are read in place, what is left through a copy. */
  private static void rows(
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
      float[] c,
      int co,
      int ldc,
      boolean accumulate) {
    float[] edge = null;
    float[] copy = null;
    try {
      for (int k0 = 0; k0 < k; k0 += KC) {
        int kc = Math.min(KC, k - k0);
        boolean add = accumulate || k0 > 0;
        int q = ao + k0 * csA;
        int p = bo + k0 * rsB;
        for (int j = 0; j < n; j += NR) {
          int width = Math.min(NR, n - j);
          int vectors = vectors(width);
          if (width == vectors * L) {
            panel(m, kc, vectors, a, q, rsA, csA, b, p + j, rsB, c, co + j, ldc, add);
            continue;
          }
          if (edge == null) {
            edge = Scratch.take(MR * NR);
            copy = Scratch.take(KC * NR);
          }
          int ld = vectors * L;
          for (int i = 0; i < kc; i++) {
            System.arraycopy(b, p + j + i * rsB, copy, i * ld, width);
            Arrays.fill(copy, i * ld + width, (i + 1) * ld, 0f);
          }
          edge(m, kc, width, a, q, rsA, csA, copy, 0, ld, c, co + j, ldc, add, edge);
        }
      }
    } finally {
      Scratch.give(copy);
      Scratch.give(edge);
    }
  }

  /** B has adjacent rows: {@code Cᵀ = Bᵀ Aᵀ} reads it in place and packs the few rows of A. */
  private void turned(
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int rsA,
      int csA,
      float[] b,
      int bo,
      int csB,
      float[] c,
      int co,
      int ldc,
      boolean accumulate) {
    PackedB packed = allocate(k, m);
    float[] t = Scratch.take(n * m);
    try {
      pack(packed, 0, panels(m), a, ao, csA, rsA);
      for (int i = 0; i < m && accumulate; i++) {
        for (int j = 0; j < n; j++) {
          t[j * m + i] = c[co + i * ldc + j];
        }
      }
      multiply(n, b, bo, csB, 1, packed, 0, k, 0, panels(m), t, 0, m, accumulate);
      for (int i = 0; i < m; i++) {
        int o = co + i * ldc;
        for (int j = 0, q = i; j < n; j++, q += m) {
          c[o + j] = t[q];
        }
      }
    } finally {
      Scratch.give(t);
      release(packed);
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
