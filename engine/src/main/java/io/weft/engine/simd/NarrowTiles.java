package io.weft.engine.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Tiles} one vector wide, for products of few columns. */
final class NarrowTiles {
  private static final VectorSpecies<Float> S = Tiles.S;

  private NarrowTiles() {}

  static void tile6x1(
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
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    FloatVector s4 = FloatVector.zero(S);
    FloatVector s5 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y = FloatVector.fromArray(S, b, p);
      s0 = FloatVector.broadcast(S, a[q]).fma(y, s0);
      s1 = FloatVector.broadcast(S, a[q + rsA]).fma(y, s1);
      s2 = FloatVector.broadcast(S, a[q + 2 * rsA]).fma(y, s2);
      s3 = FloatVector.broadcast(S, a[q + 3 * rsA]).fma(y, s3);
      s4 = FloatVector.broadcast(S, a[q + 4 * rsA]).fma(y, s4);
      s5 = FloatVector.broadcast(S, a[q + 5 * rsA]).fma(y, s5);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s0 = s0.add(FloatVector.fromArray(S, c, co));
      s1 = s1.add(FloatVector.fromArray(S, c, co + ldc));
      s2 = s2.add(FloatVector.fromArray(S, c, co + 2 * ldc));
      s3 = s3.add(FloatVector.fromArray(S, c, co + 3 * ldc));
      s4 = s4.add(FloatVector.fromArray(S, c, co + 4 * ldc));
      s5 = s5.add(FloatVector.fromArray(S, c, co + 5 * ldc));
    }
    s0.intoArray(c, co);
    s1.intoArray(c, co + ldc);
    s2.intoArray(c, co + 2 * ldc);
    s3.intoArray(c, co + 3 * ldc);
    s4.intoArray(c, co + 4 * ldc);
    s5.intoArray(c, co + 5 * ldc);
  }

  static void tile1x1(
      int k,
      float[] a,
      int ao,
      int csA,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      boolean accumulate) {
    FloatVector s0 = FloatVector.zero(S);
    int q = ao;
    int p = bo;
    for (int i = 0; i < k; i++) {
      FloatVector y = FloatVector.fromArray(S, b, p);
      s0 = FloatVector.broadcast(S, a[q]).fma(y, s0);
      q += csA;
      p += ldb;
    }
    if (accumulate) {
      s0 = s0.add(FloatVector.fromArray(S, c, co));
    }
    s0.intoArray(c, co);
  }
}
