package io.weft.engine.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Micro-kernels: {@code tileRxV} computes R rows and V vectors of columns of {@code C = A·B} or
 * {@code C += A·B}, all sums in registers. A has any strides; rows of B and C are adjacent. Written
 * out because C2 keeps only named vectors in registers. Six rows of four vectors reach 0.9 of the
 * multiply-add peak with 32 registers (17 and 25, AVX-512), six of two fit into 16.
 */
final class Tiles {
  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  static final int L = S.length();

  private Tiles() {}

  static void tile6x4(
      int k,
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
      boolean accumulate) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s03 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s12 = FloatVector.zero(S);
    FloatVector s13 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s22 = FloatVector.zero(S);
    FloatVector s23 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    FloatVector s32 = FloatVector.zero(S);
    FloatVector s33 = FloatVector.zero(S);
    FloatVector s40 = FloatVector.zero(S);
    FloatVector s41 = FloatVector.zero(S);
    FloatVector s42 = FloatVector.zero(S);
    FloatVector s43 = FloatVector.zero(S);
    FloatVector s50 = FloatVector.zero(S);
    FloatVector s51 = FloatVector.zero(S);
    FloatVector s52 = FloatVector.zero(S);
    FloatVector s53 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y0 = FloatVector.fromArray(S, b, p);
      FloatVector y1 = FloatVector.fromArray(S, b, p + L);
      FloatVector y2 = FloatVector.fromArray(S, b, p + 2 * L);
      FloatVector y3 = FloatVector.fromArray(S, b, p + 3 * L);
      FloatVector x = FloatVector.broadcast(S, a[q]);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      s02 = x.fma(y2, s02);
      s03 = x.fma(y3, s03);
      x = FloatVector.broadcast(S, a[q + rsA]);
      s10 = x.fma(y0, s10);
      s11 = x.fma(y1, s11);
      s12 = x.fma(y2, s12);
      s13 = x.fma(y3, s13);
      x = FloatVector.broadcast(S, a[q + 2 * rsA]);
      s20 = x.fma(y0, s20);
      s21 = x.fma(y1, s21);
      s22 = x.fma(y2, s22);
      s23 = x.fma(y3, s23);
      x = FloatVector.broadcast(S, a[q + 3 * rsA]);
      s30 = x.fma(y0, s30);
      s31 = x.fma(y1, s31);
      s32 = x.fma(y2, s32);
      s33 = x.fma(y3, s33);
      x = FloatVector.broadcast(S, a[q + 4 * rsA]);
      s40 = x.fma(y0, s40);
      s41 = x.fma(y1, s41);
      s42 = x.fma(y2, s42);
      s43 = x.fma(y3, s43);
      x = FloatVector.broadcast(S, a[q + 5 * rsA]);
      s50 = x.fma(y0, s50);
      s51 = x.fma(y1, s51);
      s52 = x.fma(y2, s52);
      s53 = x.fma(y3, s53);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s00 = s00.add(FloatVector.fromArray(S, c, co));
      s01 = s01.add(FloatVector.fromArray(S, c, co + L));
      s02 = s02.add(FloatVector.fromArray(S, c, co + 2 * L));
      s03 = s03.add(FloatVector.fromArray(S, c, co + 3 * L));
      s10 = s10.add(FloatVector.fromArray(S, c, co + ldc));
      s11 = s11.add(FloatVector.fromArray(S, c, co + ldc + L));
      s12 = s12.add(FloatVector.fromArray(S, c, co + ldc + 2 * L));
      s13 = s13.add(FloatVector.fromArray(S, c, co + ldc + 3 * L));
      s20 = s20.add(FloatVector.fromArray(S, c, co + 2 * ldc));
      s21 = s21.add(FloatVector.fromArray(S, c, co + 2 * ldc + L));
      s22 = s22.add(FloatVector.fromArray(S, c, co + 2 * ldc + 2 * L));
      s23 = s23.add(FloatVector.fromArray(S, c, co + 2 * ldc + 3 * L));
      s30 = s30.add(FloatVector.fromArray(S, c, co + 3 * ldc));
      s31 = s31.add(FloatVector.fromArray(S, c, co + 3 * ldc + L));
      s32 = s32.add(FloatVector.fromArray(S, c, co + 3 * ldc + 2 * L));
      s33 = s33.add(FloatVector.fromArray(S, c, co + 3 * ldc + 3 * L));
      s40 = s40.add(FloatVector.fromArray(S, c, co + 4 * ldc));
      s41 = s41.add(FloatVector.fromArray(S, c, co + 4 * ldc + L));
      s42 = s42.add(FloatVector.fromArray(S, c, co + 4 * ldc + 2 * L));
      s43 = s43.add(FloatVector.fromArray(S, c, co + 4 * ldc + 3 * L));
      s50 = s50.add(FloatVector.fromArray(S, c, co + 5 * ldc));
      s51 = s51.add(FloatVector.fromArray(S, c, co + 5 * ldc + L));
      s52 = s52.add(FloatVector.fromArray(S, c, co + 5 * ldc + 2 * L));
      s53 = s53.add(FloatVector.fromArray(S, c, co + 5 * ldc + 3 * L));
    }
    s00.intoArray(c, co);
    s01.intoArray(c, co + L);
    s02.intoArray(c, co + 2 * L);
    s03.intoArray(c, co + 3 * L);
    s10.intoArray(c, co + ldc);
    s11.intoArray(c, co + ldc + L);
    s12.intoArray(c, co + ldc + 2 * L);
    s13.intoArray(c, co + ldc + 3 * L);
    s20.intoArray(c, co + 2 * ldc);
    s21.intoArray(c, co + 2 * ldc + L);
    s22.intoArray(c, co + 2 * ldc + 2 * L);
    s23.intoArray(c, co + 2 * ldc + 3 * L);
    s30.intoArray(c, co + 3 * ldc);
    s31.intoArray(c, co + 3 * ldc + L);
    s32.intoArray(c, co + 3 * ldc + 2 * L);
    s33.intoArray(c, co + 3 * ldc + 3 * L);
    s40.intoArray(c, co + 4 * ldc);
    s41.intoArray(c, co + 4 * ldc + L);
    s42.intoArray(c, co + 4 * ldc + 2 * L);
    s43.intoArray(c, co + 4 * ldc + 3 * L);
    s50.intoArray(c, co + 5 * ldc);
    s51.intoArray(c, co + 5 * ldc + L);
    s52.intoArray(c, co + 5 * ldc + 2 * L);
    s53.intoArray(c, co + 5 * ldc + 3 * L);
  }

  static void tile3x4(
      int k,
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
      boolean accumulate) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s03 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s12 = FloatVector.zero(S);
    FloatVector s13 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s22 = FloatVector.zero(S);
    FloatVector s23 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y0 = FloatVector.fromArray(S, b, p);
      FloatVector y1 = FloatVector.fromArray(S, b, p + L);
      FloatVector y2 = FloatVector.fromArray(S, b, p + 2 * L);
      FloatVector y3 = FloatVector.fromArray(S, b, p + 3 * L);
      FloatVector x = FloatVector.broadcast(S, a[q]);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      s02 = x.fma(y2, s02);
      s03 = x.fma(y3, s03);
      x = FloatVector.broadcast(S, a[q + rsA]);
      s10 = x.fma(y0, s10);
      s11 = x.fma(y1, s11);
      s12 = x.fma(y2, s12);
      s13 = x.fma(y3, s13);
      x = FloatVector.broadcast(S, a[q + 2 * rsA]);
      s20 = x.fma(y0, s20);
      s21 = x.fma(y1, s21);
      s22 = x.fma(y2, s22);
      s23 = x.fma(y3, s23);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s00 = s00.add(FloatVector.fromArray(S, c, co));
      s01 = s01.add(FloatVector.fromArray(S, c, co + L));
      s02 = s02.add(FloatVector.fromArray(S, c, co + 2 * L));
      s03 = s03.add(FloatVector.fromArray(S, c, co + 3 * L));
      s10 = s10.add(FloatVector.fromArray(S, c, co + ldc));
      s11 = s11.add(FloatVector.fromArray(S, c, co + ldc + L));
      s12 = s12.add(FloatVector.fromArray(S, c, co + ldc + 2 * L));
      s13 = s13.add(FloatVector.fromArray(S, c, co + ldc + 3 * L));
      s20 = s20.add(FloatVector.fromArray(S, c, co + 2 * ldc));
      s21 = s21.add(FloatVector.fromArray(S, c, co + 2 * ldc + L));
      s22 = s22.add(FloatVector.fromArray(S, c, co + 2 * ldc + 2 * L));
      s23 = s23.add(FloatVector.fromArray(S, c, co + 2 * ldc + 3 * L));
    }
    s00.intoArray(c, co);
    s01.intoArray(c, co + L);
    s02.intoArray(c, co + 2 * L);
    s03.intoArray(c, co + 3 * L);
    s10.intoArray(c, co + ldc);
    s11.intoArray(c, co + ldc + L);
    s12.intoArray(c, co + ldc + 2 * L);
    s13.intoArray(c, co + ldc + 3 * L);
    s20.intoArray(c, co + 2 * ldc);
    s21.intoArray(c, co + 2 * ldc + L);
    s22.intoArray(c, co + 2 * ldc + 2 * L);
    s23.intoArray(c, co + 2 * ldc + 3 * L);
  }

  static void tile1x4(
      int k,
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
      boolean accumulate) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s03 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y0 = FloatVector.fromArray(S, b, p);
      FloatVector y1 = FloatVector.fromArray(S, b, p + L);
      FloatVector y2 = FloatVector.fromArray(S, b, p + 2 * L);
      FloatVector y3 = FloatVector.fromArray(S, b, p + 3 * L);
      FloatVector x = FloatVector.broadcast(S, a[q]);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      s02 = x.fma(y2, s02);
      s03 = x.fma(y3, s03);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s00 = s00.add(FloatVector.fromArray(S, c, co));
      s01 = s01.add(FloatVector.fromArray(S, c, co + L));
      s02 = s02.add(FloatVector.fromArray(S, c, co + 2 * L));
      s03 = s03.add(FloatVector.fromArray(S, c, co + 3 * L));
    }
    s00.intoArray(c, co);
    s01.intoArray(c, co + L);
    s02.intoArray(c, co + 2 * L);
    s03.intoArray(c, co + 3 * L);
  }

  static void tile6x2(
      int k,
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
      boolean accumulate) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    FloatVector s40 = FloatVector.zero(S);
    FloatVector s41 = FloatVector.zero(S);
    FloatVector s50 = FloatVector.zero(S);
    FloatVector s51 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y0 = FloatVector.fromArray(S, b, p);
      FloatVector y1 = FloatVector.fromArray(S, b, p + L);
      FloatVector x = FloatVector.broadcast(S, a[q]);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      x = FloatVector.broadcast(S, a[q + rsA]);
      s10 = x.fma(y0, s10);
      s11 = x.fma(y1, s11);
      x = FloatVector.broadcast(S, a[q + 2 * rsA]);
      s20 = x.fma(y0, s20);
      s21 = x.fma(y1, s21);
      x = FloatVector.broadcast(S, a[q + 3 * rsA]);
      s30 = x.fma(y0, s30);
      s31 = x.fma(y1, s31);
      x = FloatVector.broadcast(S, a[q + 4 * rsA]);
      s40 = x.fma(y0, s40);
      s41 = x.fma(y1, s41);
      x = FloatVector.broadcast(S, a[q + 5 * rsA]);
      s50 = x.fma(y0, s50);
      s51 = x.fma(y1, s51);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s00 = s00.add(FloatVector.fromArray(S, c, co));
      s01 = s01.add(FloatVector.fromArray(S, c, co + L));
      s10 = s10.add(FloatVector.fromArray(S, c, co + ldc));
      s11 = s11.add(FloatVector.fromArray(S, c, co + ldc + L));
      s20 = s20.add(FloatVector.fromArray(S, c, co + 2 * ldc));
      s21 = s21.add(FloatVector.fromArray(S, c, co + 2 * ldc + L));
      s30 = s30.add(FloatVector.fromArray(S, c, co + 3 * ldc));
      s31 = s31.add(FloatVector.fromArray(S, c, co + 3 * ldc + L));
      s40 = s40.add(FloatVector.fromArray(S, c, co + 4 * ldc));
      s41 = s41.add(FloatVector.fromArray(S, c, co + 4 * ldc + L));
      s50 = s50.add(FloatVector.fromArray(S, c, co + 5 * ldc));
      s51 = s51.add(FloatVector.fromArray(S, c, co + 5 * ldc + L));
    }
    s00.intoArray(c, co);
    s01.intoArray(c, co + L);
    s10.intoArray(c, co + ldc);
    s11.intoArray(c, co + ldc + L);
    s20.intoArray(c, co + 2 * ldc);
    s21.intoArray(c, co + 2 * ldc + L);
    s30.intoArray(c, co + 3 * ldc);
    s31.intoArray(c, co + 3 * ldc + L);
    s40.intoArray(c, co + 4 * ldc);
    s41.intoArray(c, co + 4 * ldc + L);
    s50.intoArray(c, co + 5 * ldc);
    s51.intoArray(c, co + 5 * ldc + L);
  }

  static void tile3x2(
      int k,
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
      boolean accumulate) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y0 = FloatVector.fromArray(S, b, p);
      FloatVector y1 = FloatVector.fromArray(S, b, p + L);
      FloatVector x = FloatVector.broadcast(S, a[q]);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      x = FloatVector.broadcast(S, a[q + rsA]);
      s10 = x.fma(y0, s10);
      s11 = x.fma(y1, s11);
      x = FloatVector.broadcast(S, a[q + 2 * rsA]);
      s20 = x.fma(y0, s20);
      s21 = x.fma(y1, s21);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s00 = s00.add(FloatVector.fromArray(S, c, co));
      s01 = s01.add(FloatVector.fromArray(S, c, co + L));
      s10 = s10.add(FloatVector.fromArray(S, c, co + ldc));
      s11 = s11.add(FloatVector.fromArray(S, c, co + ldc + L));
      s20 = s20.add(FloatVector.fromArray(S, c, co + 2 * ldc));
      s21 = s21.add(FloatVector.fromArray(S, c, co + 2 * ldc + L));
    }
    s00.intoArray(c, co);
    s01.intoArray(c, co + L);
    s10.intoArray(c, co + ldc);
    s11.intoArray(c, co + ldc + L);
    s20.intoArray(c, co + 2 * ldc);
    s21.intoArray(c, co + 2 * ldc + L);
  }

  static void tile1x2(
      int k,
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
      boolean accumulate) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y0 = FloatVector.fromArray(S, b, p);
      FloatVector y1 = FloatVector.fromArray(S, b, p + L);
      FloatVector x = FloatVector.broadcast(S, a[q]);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s00 = s00.add(FloatVector.fromArray(S, c, co));
      s01 = s01.add(FloatVector.fromArray(S, c, co + L));
    }
    s00.intoArray(c, co);
    s01.intoArray(c, co + L);
  }
}
