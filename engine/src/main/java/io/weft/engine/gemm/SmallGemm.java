package io.weft.engine.gemm;

/**
 * Products that are too small to pack: tiles of 4×4 sums in registers, any strides. The order of
 * each sum is that of k.
 */
final class SmallGemm {
  private SmallGemm() {}

  static void multiply(
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
    int i = 0;
    for (; i + 4 <= m; i += 4) {
      int j = 0;
      for (; j + 4 <= n; j += 4) {
        tile4x4(
            k,
            a,
            ao + i * rsA,
            rsA,
            csA,
            b,
            bo + j * csB,
            rsB,
            csB,
            c,
            co + i * ldc + j,
            ldc,
            accumulate);
      }
      for (; j < n; j++) {
        for (int r = i; r < i + 4; r++) {
          single(k, a, ao + r * rsA, csA, b, bo + j * csB, rsB, c, co + r * ldc + j, accumulate);
        }
      }
    }
    for (; i < m; i++) {
      int j = 0;
      for (; j + 8 <= n; j += 8) {
        row8(k, a, ao + i * rsA, csA, b, bo + j * csB, rsB, csB, c, co + i * ldc + j, accumulate);
      }
      for (; j < n; j++) {
        single(k, a, ao + i * rsA, csA, b, bo + j * csB, rsB, c, co + i * ldc + j, accumulate);
      }
    }
  }

  private static void tile4x4(
      int k,
      float[] a,
      int a0,
      int rsA,
      int csA,
      float[] b,
      int b0,
      int rsB,
      int csB,
      float[] c,
      int c0,
      int ldc,
      boolean accumulate) {
    int a1 = a0 + rsA;
    int a2 = a1 + rsA;
    int a3 = a2 + rsA;
    float s00 = 0;
    float s01 = 0;
    float s02 = 0;
    float s03 = 0;
    float s10 = 0;
    float s11 = 0;
    float s12 = 0;
    float s13 = 0;
    float s20 = 0;
    float s21 = 0;
    float s22 = 0;
    float s23 = 0;
    float s30 = 0;
    float s31 = 0;
    float s32 = 0;
    float s33 = 0;
    for (int p = 0; p < k; p++) {
      int q = b0 + p * rsB;
      int d = p * csA;
      float y0 = b[q];
      float y1 = b[q + csB];
      float y2 = b[q + 2 * csB];
      float y3 = b[q + 3 * csB];
      float x0 = a[a0 + d];
      s00 += x0 * y0;
      s01 += x0 * y1;
      s02 += x0 * y2;
      s03 += x0 * y3;
      float x1 = a[a1 + d];
      s10 += x1 * y0;
      s11 += x1 * y1;
      s12 += x1 * y2;
      s13 += x1 * y3;
      float x2 = a[a2 + d];
      s20 += x2 * y0;
      s21 += x2 * y1;
      s22 += x2 * y2;
      s23 += x2 * y3;
      float x3 = a[a3 + d];
      s30 += x3 * y0;
      s31 += x3 * y1;
      s32 += x3 * y2;
      s33 += x3 * y3;
    }
    store4(c, c0, s00, s01, s02, s03, accumulate);
    store4(c, c0 + ldc, s10, s11, s12, s13, accumulate);
    store4(c, c0 + 2 * ldc, s20, s21, s22, s23, accumulate);
    store4(c, c0 + 3 * ldc, s30, s31, s32, s33, accumulate);
  }

  private static void store4(
      float[] c, int o, float s0, float s1, float s2, float s3, boolean accumulate) {
    if (accumulate) {
      c[o] += s0;
      c[o + 1] += s1;
      c[o + 2] += s2;
      c[o + 3] += s3;
    } else {
      c[o] = s0;
      c[o + 1] = s1;
      c[o + 2] = s2;
      c[o + 3] = s3;
    }
  }

  private static void row8(
      int k,
      float[] a,
      int a0,
      int csA,
      float[] b,
      int b0,
      int rsB,
      int csB,
      float[] c,
      int c0,
      boolean accumulate) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    for (int p = 0; p < k; p++) {
      float x = a[a0 + p * csA];
      int q = b0 + p * rsB;
      s0 += x * b[q];
      s1 += x * b[q + csB];
      s2 += x * b[q + 2 * csB];
      s3 += x * b[q + 3 * csB];
      s4 += x * b[q + 4 * csB];
      s5 += x * b[q + 5 * csB];
      s6 += x * b[q + 6 * csB];
      s7 += x * b[q + 7 * csB];
    }
    store4(c, c0, s0, s1, s2, s3, accumulate);
    store4(c, c0 + 4, s4, s5, s6, s7, accumulate);
  }

  /** One element: four partial sums, since a single one would wait for each addition. */
  private static void single(
      int k,
      float[] a,
      int a0,
      int csA,
      float[] b,
      int b0,
      int rsB,
      float[] c,
      int c0,
      boolean accumulate) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int p = 0;
    for (; p + 4 <= k; p += 4) {
      int q = a0 + p * csA;
      int r = b0 + p * rsB;
      s0 += a[q] * b[r];
      s1 += a[q + csA] * b[r + rsB];
      s2 += a[q + 2 * csA] * b[r + 2 * rsB];
      s3 += a[q + 3 * csA] * b[r + 3 * rsB];
    }
    for (; p < k; p++) {
      s0 += a[a0 + p * csA] * b[b0 + p * rsB];
    }
    float sum = (s0 + s1) + (s2 + s3);
    c[c0] = accumulate ? c[c0] + sum : sum;
  }
}
